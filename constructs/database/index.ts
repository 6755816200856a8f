export type { Account, DatabaseAccess, IDatabase, IDatabaseClient } from "./database";
export { ExternalDatabase, type ExternalDatabaseProps } from "./external-database";
export { MySql, type MySqlProps } from "./mysql";
export type { MySqlTuning } from "./mysql-config";
export { StandbyFence, type StandbyFenceProps } from "./standby-fence";
export { StandbySource, type StandbySourceProps, StandbySync, type StandbySyncProps } from "./standby-files";
export { StandbyLink, type StandbyLinkProps } from "./standby-link";
