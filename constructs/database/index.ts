export type { Account, DatabaseAccess, IDatabase, IDatabaseClient } from "./database";
export { ExternalDatabase, type ExternalDatabaseProps } from "./external-database";
export { MySql, type MySqlProps } from "./mysql";
export type { MySqlTuning } from "./mysql-config";
