export { Backup, type BackupProps } from "./backup";
export type { BackupTimes, RemoteKeep } from "./backup-config";
export { type B2Props, BackupRemote, type DiskProps, type RcloneProps, type RestProps, type S3Props, type SftpProps } from "./backup-remote";
