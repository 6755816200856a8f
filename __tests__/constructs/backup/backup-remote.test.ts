import { BackupRemote } from "../../../constructs/backup/backup-remote";

const nameOf = ({ secrets }: BackupRemote) => secrets.map(({ name, kind }) => `${name} ${kind}`);

describe("BackupRemote", () => {
  test("is a bucket of any S3-compatible server", () => {
    const remote = BackupRemote.s3({ name: "offsite", endpoint: "https://s3.example.com/", bucket: "wiki", prefix: "a/b" });
    expect([remote.kind, remote.repository]).toEqual(["s3", "s3:https://s3.example.com/wiki/a/b"]);
    expect(nameOf(remote)).toEqual(["backup_offsite_access_key provided", "backup_offsite_secret_key provided"]);
  });

  test("is a bucket of B2, by its S3 interface: restic's own would take the key from a variable", () => {
    const remote = BackupRemote.b2({ name: "cold", region: "us-west-004", bucket: "wiki" });
    expect([remote.kind, remote.repository]).toEqual(["s3", "s3:https://s3.us-west-004.backblazeb2.com/wiki"]);
  });

  test("is whatever rclone reaches, with its configuration as a file", () => {
    const remote = BackupRemote.rclone({ name: "nas", path: "nas:backups/wiki" });
    expect([remote.kind, remote.repository, ...nameOf(remote)]).toEqual(["rclone", "rclone:nas:backups/wiki", "backup_nas_rclone_conf provided-file"]);
  });
});
