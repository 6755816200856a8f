import { Construct } from "constructs";
import type { BackedUp, IBackedUp } from "../contracts/backed-up";
import type { SecretDirectory, SecretStore } from "../contracts/secret-store";
import { assetText } from "../core/asset";
import { ConfigFile } from "../core/config-file";
import { Duration } from "../core/duration";
import { type Rule, requireAll } from "../core/errors";
import { exempt } from "../core/exemption";
import { operatorTexts, withOperatorTexts } from "../core/operator-texts";
import type { DatabaseAccess, IDatabase } from "../database/database";
import type { Attachment } from "../docker/attachment";
import type { DataVolume, DataVolumes } from "../docker/data-volumes";
import type { ContainerDescription } from "../docker/description";
import type { Capability, Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import { Service } from "../docker/service";
import { SecretText } from "../secrets/secret";
import {
  BACKUPS_DIRECTORY,
  type BackupTimes,
  CONFIG_DIRECTORY,
  METRICS_DIRECTORY,
  type RemoteKeep,
  renderCrontab,
  renderKeep,
  renderRemotes,
  renderSecrets,
  renderSources,
  SCRATCH_DIRECTORY,
  SOURCES_DIRECTORY,
} from "./backup-config";
import type { BackupRemote } from "./backup-remote";

export interface BackupProps {
  readonly namespace: string;
  /** The image of the database, with restic, rclone, GPG, tar, zstd and supercronic in it. */
  readonly image: ContainerImage;
  /** The database's network, and a routable one when there is a remote. */
  readonly networks: readonly Attachment[];
  readonly mysql: IDatabase;
  /** Whatever has to be in a set beside the database. */
  readonly parts: readonly IBackedUp[];
  /** Image of the wiki, for the manifest: a set is restored by a wiki of the same or a newer version. */
  readonly wikiImage: string;
  readonly times: BackupTimes;
  /** Sets that are kept here, 1 or more. */
  readonly keep: number;
  /** @default - sets stay on the Docker host */
  readonly remotes?: readonly BackupRemote[];
  readonly remoteKeep: RemoteKeep;
  readonly volumes: DataVolumes;
  readonly secrets: SecretStore;
  /** What an operator may read: the passphrase goes here, because a set is worth nothing without it. */
  readonly operator: SecretDirectory;
  readonly limits: Limits;
}

/** Memory without which the database of the test, or restic with a large repository, is killed. */
export const BACKUP_LEAST_MEMORY = "512M";

const NAME = "backup";
const DESCRIPTION: ContainerDescription = {
  purpose: ["one encrypted set a night,", "test-restored every week"],
  zones: ["backend", "database", "proxy"],
};
/** In /run are decrypted credentials and the keyring of one run. */
const TMPFS = { "/run": { sizeMiB: 16, mode: "0755" }, "/tmp": { sizeMiB: 16 } };
const USER = "0:0";
/** Secrets that the operator must keep away from the Docker host, and store on an empty one. */
export const BACKUP_PASSPHRASE = SecretText.password("backup_passphrase", 48);
export const RESTIC_PASSWORD = SecretText.password("backup_restic_password", 48);
const SCRIPTS = ["lib.sh", "backup.sh", "check.sh", "drill.sh", "health.sh", "list.sh", "open.sh", "remotes.sh", "restore.sh", "start.sh", "metrics"];
const CAPABILITIES: readonly Capability[] = [
  { name: "CAP_SETGID", reason: "reads each volume as the group of its owner" },
  { name: "CAP_SETUID", reason: "reads each volume as its owner, because root cannot read files of other users here" },
];

/**
 * Makes one encrypted backup set each night, copies it to remotes, and test-restores the latest set every week.
 *
 * It mounts what it backs up read-only. Its root cannot read files of other users: it switches to the owner of each volume to
 * read it. Nothing listens.
 */
export class Backup extends Construct {
  public readonly service: Service;
  /** Metrics for Prometheus, as a text file. */
  public readonly metrics: DataVolume;

  constructor(scope: Construct, id: string, props: BackupProps) {
    super(scope, id);
    const { namespace, image, networks, mysql, volumes, limits } = props;
    const backedUp = mergeBackedUp(props.parts);
    requireAll(this, rules(props, backedUp));
    this.exempt(props);
    const sets = volumes.volume("backups", { owner: USER });
    // another passphrase would make those that are there unreadable
    props.secrets.guard(sets, [BACKUP_PASSPHRASE]);
    this.metrics = volumes.volume("backup-metrics", { owner: USER });
    const directory = this.grantSecrets(props, backedUp);
    const access = mysql.grantAccess({ secrets: directory }, "backup");
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: NAME,
      description: { ...DESCRIPTION, connects: [{ to: access.container, label: "dumps, 3306" }] },
      image,
      user: USER,
      capabilities: CAPABILITIES,
      networks,
      entrypoint: ["sh", `${CONFIG_DIRECTORY}/start.sh`],
      environment: renderEnvironment(props, access),
      config: { directory: CONFIG_DIRECTORY, files: configFiles(this, props, backedUp, access) },
      tmpfs: TMPFS,
      hosts: { [access.host]: access.address },
      mounts: [
        directory,
        ...access.mounts,
        sets.mountAt(BACKUPS_DIRECTORY),
        volumes.volume("backup-scratch", { owner: USER }).mountAt(SCRATCH_DIRECTORY),
        this.metrics.mountAt(METRICS_DIRECTORY),
        ...(props.remotes ?? []).flatMap(({ mounts }) => mounts),
        ...backedUp.volumes.map(({ volume }) => volume.mountReadOnlyAt(`${SOURCES_DIRECTORY}/${volume.node.id}`)),
      ],
      healthCheck: { command: ["sh", `${CONFIG_DIRECTORY}/health.sh`], interval: Duration.seconds(30) },
      stopGraceSeconds: 60,
      after: [mysql.ready],
    });
  }

  private exempt({ networks, remotes = [] }: BackupProps): void {
    exempt(this, "non-root", "root cannot read files of other users here; it switches to the owner of each volume to read it");
    exempt(
      this,
      "capabilities-dropped",
      "CAP_SETUID and CAP_SETGID are needed to switch to the owners; CAP_DAC_READ_SEARCH would also permit reading the host's files",
    );
    if (networks.some(({ network }) => network.routable)) {
      exempt(this, "database-apart", "takes encrypted sets out of the Docker host; it accepts no connection");
    }
    if (remotes.some(({ mounts }) => mounts.length > 0)) exempt(this, "no-host-paths", "stores encrypted sets on a disk that the host mounts for them");
  }

  /** The secrets of the service: those that it uses, and those that belong into a set. */
  private grantSecrets({ secrets, operator, remotes = [] }: BackupProps, { secrets: kept }: BackedUp): SecretDirectory {
    const directory = secrets.directory(NAME, USER);
    const own = [BACKUP_PASSPHRASE, ...(remotes.length > 0 ? [RESTIC_PASSWORD] : [])];
    for (const secret of own) operator.add(secret);
    for (const secret of [...own, ...kept, ...remotes.flatMap((remote) => remote.secrets)]) directory.add(secret);
    return directory;
  }
}

function rules({ networks, remotes = [], keep }: BackupProps, { volumes }: BackedUp): Rule[] {
  return [
    ...volumes.map(({ volume }): Rule => [!volume.scratch, `parts must not name the volume ${volume.node.id}; it holds temporary files only`]),
    [keep >= 1, `keep must be 1 or more, got ${keep}`],
    [!remotes.some(({ isAway }) => isAway) || networks.some(({ network }) => network.routable), "networks must name a routable one when there is a remote"],
    [new Set(remotes.map(({ name }) => name)).size === remotes.length, "remotes must have unique names"],
  ];
}

/** Everything that the parts keep, volumes in the order of their names. */
function mergeBackedUp(parts: readonly IBackedUp[]): BackedUp {
  return { volumes: parts.flatMap(({ backedUp }) => backedUp.volumes), secrets: parts.flatMap(({ backedUp }) => backedUp.secrets) };
}

function renderEnvironment({ namespace, keep, remoteKeep, wikiImage }: BackupProps, { host, port, database, user }: DatabaseAccess) {
  return {
    BACKUP_ENVIRONMENT: namespace,
    BACKUP_KEEP: keep,
    BACKUP_REMOTE_KEEP: renderKeep(remoteKeep),
    BOOKSTACK_IMAGE: wikiImage,
    DB_HOST: host,
    DB_NAME: database,
    DB_PORT: port,
    DB_USER: user,
  };
}

function configFiles(scope: Backup, { times, remotes = [] }: BackupProps, { volumes, secrets }: BackedUp, { adapt }: DatabaseAccess): ConfigFile[] {
  return [
    ConfigFile.text("crontab", () => renderCrontab(times)),
    ConfigFile.text("remotes", () => renderRemotes(remotes)),
    ...remotes.flatMap(({ files }) => files),
    ConfigFile.text("secrets", () => renderSecrets(secrets)),
    ConfigFile.text("sources", () => renderSources(volumes)),
    ...SCRIPTS.map((name) => ConfigFile.text(name, () => withOperatorTexts(adapt(assetText(`backup/assets/${name}`)), operatorTexts(scope)))),
  ];
}
