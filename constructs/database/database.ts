import type { TerraformResource } from "cdktf";
import type { SecretDirectory, SecretFile } from "../contracts/secret-store";
import type { DataVolume } from "../docker/data-volumes";
import type { LogFile } from "../docker/log-file";
import type { Mounted } from "../docker/mount";
import { SecretText } from "../secrets/secret";

/** A service that connects to the database. */
export interface IDatabaseClient {
  /** Where it finds its secrets. */
  readonly secrets: SecretDirectory;
}

/** What a client needs to open a connection. */
export interface DatabaseAccess {
  /** Name that the server's certificate carries. */
  readonly host: string;
  /** Address behind the name: it never changes, and a client that has it does not depend on DNS while the server is down. */
  readonly address: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: SecretFile;
  /** Certificate authority that signed the server's certificate. */
  readonly ca: { readonly path: string };
  /** What the client has to mount besides its secrets. */
  readonly mounts: readonly Mounted[];
  /** Container of the stack that accepts the connection. */
  readonly container: string;
  /** A script that expects the CA among its secrets, changed to read it where it is. */
  adapt(script: string): string;
}

/** What a client may do: the `application` reads and writes its schema, `backup` reads it, `exporter` reads the server's own figures. */
export type Account = "application" | "backup" | "exporter";

/** The database of the wiki: a container of the stack, or a server on another machine. */
export interface IDatabase {
  /** What must be healthy, or done, before a client connects. */
  readonly ready: { readonly container: TerraformResource };
  /** What the server keeps; nothing where another machine keeps it. */
  readonly data: DataVolume | undefined;
  /** Includes failed logins; nothing where another machine writes it. */
  readonly errorLog: LogFile | undefined;
  /** Gives `client` the password of `account` and the CA; the client joins the network itself. */
  grantAccess(client: IDatabaseClient, account: Account): DatabaseAccess;
}

export const PORT = 3306;
/** Position within the database network at which clients find the database, or the way to it. */
export const POSITION = 10;
/** User of the MySQL image. */
export const GID = 999;
export const USER = `999:${GID}`;

/** The generated password of an account. */
export function password(account: string): SecretText {
  return SecretText.password(`mysql_${account}_password`);
}
