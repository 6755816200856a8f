import { Annotations } from "cdktf";
import type { Construct } from "constructs";
import { Backup } from "../../constructs/backup/backup";
import { BackupRemote } from "../../constructs/backup/backup-remote";
import type { IBackedUp } from "../../constructs/contracts/backed-up";
import type { ByteSize } from "../../constructs/core/byte-size";
import type { IDatabase } from "../../constructs/database/database";
import type { Environment } from "../environment/schema";
import type { StackContext } from "./context";
import { limits } from "./limits";

export interface BackupNeeds {
  readonly mysql: IDatabase;
  /** Everything else with something to keep. */
  readonly parts: readonly IBackedUp[];
}

/** The backup of a wiki: the database and whatever `parts` name. It has a way out of the Docker host only when there is a remote. */
export function makeBackup(scope: Construct, context: StackContext, { mysql, parts }: BackupNeeds): Backup {
  const { environment, namespace, volumes, secrets, images, networks, operator } = context;
  const { backup, timezone } = environment;
  const remotes = (backup.remotes ?? []).map(remoteOf);
  for (const { endpoint, name } of backup.remotes ?? []) {
    if (endpoint?.startsWith("http://")) {
      Annotations.of(scope).addWarning(
        `the remote ${name} is accessed without TLS; backups are encrypted, but an attacker on the network can disrupt the connection`,
      );
    }
  }
  return new Backup(scope, "Backup", {
    namespace,
    volumes,
    secrets,
    operator,
    mysql,
    parts,
    image: images.backup,
    wikiImage: images.bookstack.reference,
    networks: [networks.backend, networks.database, ...(remotes.some(({ isAway }) => isAway) ? [networks.proxy] : [])].map((network) => ({ network })),
    times: { backup: backup.at, drill: backup.drill, check: backup.check, timezone },
    keep: backup.keep,
    remotes,
    remoteKeep: backup.remoteKeep,
    limits: limits(backup),
  });
}

type RemoteSettings = NonNullable<Environment["backup"]["remotes"]>[number];

/** The schema requires what each kind needs. */
function remoteOf(settings: RemoteSettings): BackupRemote {
  const { kind, endpoint = "", region, bucket = "", path = "", host = "", user = "", hostKey = "", uploadLimit, downloadLimit } = settings;
  const { name, prefix, pathStyle, port, ca } = settings;
  const props = { name, uploadKiB: kibibytes(uploadLimit), downloadKiB: kibibytes(downloadLimit) };
  if (kind === "s3") return BackupRemote.s3({ ...props, endpoint, bucket, prefix, region, pathStyle, ca });
  if (kind === "b2") return BackupRemote.b2({ ...props, region: region ?? "", bucket, prefix });
  if (kind === "sftp") return BackupRemote.sftp({ ...props, host, port, user, hostKey, path });
  if (kind === "rest") return BackupRemote.rest({ ...props, endpoint, user, prefix, ca });
  return kind === "local" ? BackupRemote.local({ ...props, path }) : BackupRemote.rclone({ ...props, path, ca });
}

function kibibytes(size: ByteSize | undefined): number | undefined {
  return size === undefined ? undefined : Math.floor(size.bytes / 1024);
}
