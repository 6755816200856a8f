import { ConfigFile } from "../core/config-file";
import type { Mounted } from "../docker/mount";
import { SecretText } from "../secrets/secret";
import { CONFIG_DIRECTORY, REMOTES_DIRECTORY } from "./places";
import { renderKnownHosts, renderSftp } from "./sftp-config";

/** Options of every remote. */
interface RemoteProps {
  /** Name of the remote in commands and metrics: lower-case letters, digits and `_`. */
  readonly name: string;
  /**
   * KiB per second that are sent to the remote at most, 1 or more.
   * @default - no limit
   */
  readonly uploadKiB?: number;
  /**
   * KiB per second that are read from the remote at most, 1 or more.
   * @default - no limit
   */
  readonly downloadKiB?: number;
}

/** Options of every remote that is reached by TLS. */
interface TlsProps extends RemoteProps {
  /**
   * Certificates in PEM of the authorities that sign for the server; no other authority is trusted then.
   * @default - the authorities of the image
   */
  readonly ca?: string;
}

/** Options of every kind of object storage. */
interface BucketProps extends TlsProps {
  readonly bucket: string;
  /**
   * Path within the bucket.
   * @default - the root of the bucket
   */
  readonly prefix?: string;
}

export interface S3Props extends BucketProps {
  /** `https://…` of the server. */
  readonly endpoint: string;
  /**
   * Region that requests are signed for.
   * @default - what the server reports, or us-east-1
   */
  readonly region?: string;
  /**
   * Whether the bucket is part of the path (`https://server/bucket`) or of the host name (`https://bucket.server`).
   * @default - restic chooses: the host name at Amazon and Google, the path elsewhere
   */
  readonly pathStyle?: boolean;
}

export interface B2Props extends BucketProps {
  /** Region of the bucket, such as `us-west-004`. */
  readonly region: string;
}

export interface RcloneProps extends TlsProps {
  /** Remote of the rclone configuration, and the path there: `nas:backups/wiki`. */
  readonly path: string;
}

export interface SftpProps extends RemoteProps {
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
  readonly user: string;
  /** Public key of the server: no other is accepted. Type and key, as `ssh-keyscan` prints them. */
  readonly hostKey: string;
  /** Directory of the repository: absolute, or relative to the home directory of `user`. */
  readonly path: string;
}

export interface RestProps extends TlsProps {
  /** `https://…` of restic's REST server. */
  readonly endpoint: string;
  readonly user: string;
  /**
   * Path of the repository at the server.
   * @default - the root
   */
  readonly prefix?: string;
}

export interface DiskProps extends RemoteProps {
  /** Directory of the Docker host where the disk is mounted. It must contain the file `.backup-disk`, so that an unmounted disk is noticed. */
  readonly path: string;
}

type RemoteKind = "s3" | "rclone" | "sftp" | "rest" | "local";

/** What a kind of remote needs besides its repository. */
interface RemoteParts {
  readonly secrets?: readonly SecretText[];
  readonly files?: readonly ConfigFile[];
  readonly mounts?: readonly Mounted[];
  readonly options?: readonly string[];
}

/** A restic repository besides the Docker host's own volumes. Its credentials are provided secrets. */
export class BackupRemote {
  /** Any S3-compatible server. */
  public static s3({ endpoint, bucket, prefix, region, pathStyle, ...props }: S3Props): BackupRemote {
    const options = [
      ...(region === undefined ? [] : [`-o s3.region=${region}`]),
      ...(pathStyle === undefined ? [] : [`-o s3.bucket-lookup=${pathStyle ? "path" : "dns"}`]),
    ];
    const repository = `s3:${[endpoint.replace(/\/+$/, ""), bucket, prefix].filter(Boolean).join("/")}`;
    return new BackupRemote(props, "s3", repository, { secrets: keyPair(props.name), options, files: authorityFiles(props) });
  }

  /** Backblaze B2 through its S3 API, because restic's B2 backend reads the key from an environment variable only. */
  public static b2({ region, ...props }: B2Props): BackupRemote {
    return BackupRemote.s3({ ...props, endpoint: `https://s3.${region}.backblazeb2.com` });
  }

  /** Any storage that rclone supports. Its configuration file is a secret. */
  public static rclone({ path, ...props }: RcloneProps): BackupRemote {
    const secrets = [SecretText.providedFile(`backup_${props.name}_rclone_conf`)];
    return new BackupRemote(props, "rclone", `rclone:${path}`, { secrets, files: authorityFiles(props) });
  }

  /** An SFTP server. rclone connects to it, because restic would need an SSH client in the image. */
  public static sftp({ path, ...server }: SftpProps): BackupRemote {
    const { name } = server;
    const key = SecretText.providedFile(`backup_${name}_ssh_key`);
    const files = [
      ConfigFile.text(`${name}.rclone.conf`, () => renderSftp({ ...server, key, knownHosts: `${CONFIG_DIRECTORY}/${name}.known_hosts` })),
      ConfigFile.text(`${name}.known_hosts`, () => renderKnownHosts(server)),
    ];
    return new BackupRemote(server, "sftp", `rclone:${name}:${path}`, { secrets: [key], files });
  }

  /** A restic REST server. */
  public static rest({ endpoint, user, prefix, ...props }: RestProps): BackupRemote {
    const [scheme, host] = endpoint.replace(/\/+$/, "").split("://");
    const repository = `rest:${scheme}://${user}@${[host, prefix].filter(Boolean).join("/")}/`;
    return new BackupRemote(props, "rest", repository, { secrets: [SecretText.provided(`backup_${props.name}_rest_password`)], files: authorityFiles(props) });
  }

  /** A disk that the Docker host mounts, such as a USB disk or a share. A disk that is mounted later appears in the container. */
  public static local({ path, ...props }: DiskProps): BackupRemote {
    const target = `${REMOTES_DIRECTORY}/${props.name}`;
    const mount: Mounted = { mount: { type: "bind", source: path, target, bindOptions: { propagation: "rslave" } }, dependsOn: [] };
    return new BackupRemote(props, "local", `${target}/restic`, { mounts: [mount] });
  }

  public readonly name: string;
  public readonly secrets: readonly SecretText[];
  /** Files of the container's configuration directory. */
  public readonly files: readonly ConfigFile[];
  public readonly mounts: readonly Mounted[];
  /** Options of restic, each a word. */
  public readonly options: readonly string[];

  private constructor(
    { name, uploadKiB, downloadKiB }: RemoteProps,
    public readonly kind: RemoteKind,
    /** Repository in the syntax of restic. */
    public readonly repository: string,
    { secrets = [], files = [], mounts = [], options = [] }: RemoteParts,
  ) {
    this.name = name;
    this.secrets = secrets;
    this.files = files;
    this.mounts = mounts;
    this.options = [...options, ...limit("upload", uploadKiB), ...limit("download", downloadKiB)];
  }

  /** Whether it is reached over a network. */
  public get isAway(): boolean {
    return this.kind !== "local";
  }
}

function keyPair(name: string): SecretText[] {
  return [SecretText.provided(`backup_${name}_access_key`), SecretText.provided(`backup_${name}_secret_key`)];
}

function authorityFiles({ name, ca }: TlsProps): ConfigFile[] {
  return ca === undefined ? [] : [ConfigFile.text(`${name}.ca.crt`, () => ca)];
}

function limit(direction: string, kibibytes: number | undefined): string[] {
  if (kibibytes === undefined) return [];
  if (!Number.isInteger(kibibytes) || kibibytes < 1) throw new RangeError(`${direction}KiB must be a whole number of 1 or more, got ${kibibytes}`);
  return [`--limit-${direction}=${kibibytes}`];
}
