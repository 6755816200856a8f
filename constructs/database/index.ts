export { type Account, type DatabaseAccess, type IDatabaseClient, MySql, type MySqlProps } from "./mysql";
export type { MySqlTuning } from "./mysql-config";
