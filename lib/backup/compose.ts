import { Annotations } from "cdktf";
import type { Construct } from "constructs";
import type { DataVolumes } from "../../constructs/docker/data-volumes";
import type { ContainerImage } from "../../constructs/docker/image";
import type { WikiNetworks } from "../../constructs/docker/networks";
import type { IBackedUp } from "../../constructs/secrets/backed-up";
import type { SecretDirectory, SecretStore } from "../../constructs/secrets/secret-store";
import { Backup } from "../../constructs/wiki/backup";
import { BackupRemote } from "../../constructs/wiki/backup-remote";
import type { MySql } from "../../constructs/wiki/mysql";
import type { Environment } from "../environment/schema";
import { limits } from "../stack/limits";

/** What the backup of a wiki has to do with. */
export interface BackupGround {
  readonly namespace: string;
  readonly images: Readonly<Record<"backup" | "bookstack", ContainerImage>>;
  readonly networks: WikiNetworks;
  readonly volumes: DataVolumes;
  readonly secrets: SecretStore;
  readonly mysql: MySql;
  readonly operator: SecretDirectory;
  readonly parts: readonly IBackedUp[];
}

/** The backup of a wiki. It has a way out of the Docker host only when there is a remote. */
export function composeBackup(scope: Construct, { backup, timezone }: Environment, { images, networks, ...ground }: BackupGround): Backup {
  const remotes = (backup.remotes ?? []).map(remoteOf);
  for (const { endpoint, name } of backup.remotes ?? []) {
    if (endpoint?.startsWith("http://")) {
      Annotations.of(scope).addWarning(`the remote ${name} is reached without TLS; what goes there is encrypted, but anybody on the way can disturb it`);
    }
  }
  return new Backup(scope, "Backup", {
    ...ground,
    image: images.backup,
    wikiImage: images.bookstack.reference,
    networks: [networks.backend, networks.database, ...(remotes.length > 0 ? [networks.proxy] : [])].map((network) => ({ network })),
    times: { backup: backup.at, drill: backup.drill, check: backup.check, timezone },
    keep: backup.keep,
    remotes,
    remoteKeep: backup.remoteKeep,
    limits: limits(backup),
  });
}

type RemoteSettings = NonNullable<Environment["backup"]["remotes"]>[number];

/** The schema has seen to it that what a kind needs is there. */
function remoteOf({ name, kind, endpoint = "", region = "", bucket = "", path = "", prefix }: RemoteSettings): BackupRemote {
  if (kind === "s3") return BackupRemote.s3({ name, endpoint, bucket, prefix });
  if (kind === "b2") return BackupRemote.b2({ name, region, bucket, prefix });
  return BackupRemote.rclone({ name, path });
}
