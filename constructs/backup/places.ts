export const CONFIG_DIRECTORY = "/etc/backup";
/** Where the sets are. */
export const BACKUPS_DIRECTORY = "/backups";
/** Space for what is taken apart or put together; nothing of it outlives a run but restic's cache. */
export const SCRATCH_DIRECTORY = "/scratch";
export const METRICS_DIRECTORY = "/metrics";
/** Where the volumes are that are backed up. */
export const SOURCES_DIRECTORY = "/sources";
/** Where disks of the Docker host are that are remotes. */
export const REMOTES_DIRECTORY = "/remotes";
