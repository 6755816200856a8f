export { Backup, type BackupProps } from "./backup";
export type { BackupTimes, RemoteKeep } from "./backup-config";
export { type B2Props, BackupRemote, type RcloneProps, type S3Props } from "./backup-remote";
