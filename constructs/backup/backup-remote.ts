import { SecretText } from "../secrets/secret";

/** Options of every kind of object storage. */
interface BucketProps {
  /** Name of the remote in commands and metrics: lower-case letters, digits and `_`. */
  readonly name: string;
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
}

export interface B2Props extends BucketProps {
  /** Region of the bucket, such as `us-west-004`. */
  readonly region: string;
}

export interface RcloneProps {
  readonly name: string;
  /** Remote of the rclone configuration, and the path there: `nas:backups/wiki`. */
  readonly path: string;
}

/** A restic repository away from the Docker host. Its credentials are provided secrets. */
export class BackupRemote {
  /** Any S3-compatible server. */
  public static s3({ name, endpoint, bucket, prefix }: S3Props): BackupRemote {
    return new BackupRemote(name, "s3", `s3:${[endpoint.replace(/\/+$/, ""), bucket, prefix].filter(Boolean).join("/")}`, keyPair(name));
  }

  /** Backblaze B2 through its S3 API, because restic's B2 backend reads the key from an environment variable only. */
  public static b2({ region, ...props }: B2Props): BackupRemote {
    return BackupRemote.s3({ ...props, endpoint: `https://s3.${region}.backblazeb2.com` });
  }

  /** Any storage that rclone supports. Its configuration file is a secret. */
  public static rclone({ name, path }: RcloneProps): BackupRemote {
    return new BackupRemote(name, "rclone", `rclone:${path}`, [SecretText.providedFile(`backup_${name}_rclone_conf`)]);
  }

  private constructor(
    public readonly name: string,
    public readonly kind: "s3" | "rclone",
    /** Repository in the syntax of restic. */
    public readonly repository: string,
    public readonly secrets: readonly SecretText[],
  ) {}
}

function keyPair(name: string): SecretText[] {
  return [SecretText.provided(`backup_${name}_access_key`), SecretText.provided(`backup_${name}_secret_key`)];
}
