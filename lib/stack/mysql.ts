import type { Construct } from "constructs";
import { Endpoint } from "../../constructs/core/endpoint";
import { exempt } from "../../constructs/core/exemption";
import { type IDatabase, PORT, POSITION } from "../../constructs/database/database";
import { ExternalDatabase } from "../../constructs/database/external-database";
import { MySql } from "../../constructs/database/mysql";
import { Egress } from "../../constructs/edge/egress/egress";
import type { Environment } from "../environment/schema";
import type { StackContext } from "./context";
import { limits } from "./limits";
import type { ContainerName } from "./names";

/** Container through which a database on another machine is reached. */
const EGRESS: ContainerName = "database-egress";

/** The service at which clients of the database connect: the database itself, or what forwards to the one on another machine. */
export function databaseService({ database }: Pick<Environment, "database">): ContainerName {
  return database.external === undefined ? "bookstack-db" : EGRESS;
}

/** Port of the database. */
export function databasePort({ database }: Pick<Environment, "database">): number {
  return database.external?.port ?? PORT;
}

/** The database of the wiki. */
export function makeDatabase(scope: Construct, context: StackContext): IDatabase {
  const { environment, namespace, volumes, secrets, images, networks } = context;
  const { database } = environment;
  if (database.external) return externalDatabase(scope, context, database.external);
  return new MySql(scope, "MySql", {
    namespace,
    volumes,
    secrets,
    image: images.mysql,
    network: networks.database,
    bufferPool: database.bufferPool,
    slowQuery: database.slowQuery,
    limits: limits(database),
    replication: environment.replication,
  });
}

/** The network of the database stays internal: one container forwards to the server, and to nothing else. */
function externalDatabase(scope: Construct, context: StackContext, { host, port, ca, admin }: ExternalSettings): IDatabase {
  const { namespace, secrets, images, networks } = context;
  const server = new Endpoint(host, port);
  const egress = new Egress(scope, "DatabaseEgress", {
    namespace,
    image: images.traefik,
    out: networks.proxy,
    inside: { network: networks.database, position: POSITION },
    client: `${networks.database.subnet}`,
    name: EGRESS,
    purpose: ["to the database server", "only"],
    tcp: [server],
  });
  exempt(egress, "database-apart", "forwards to one database server and decrypts nothing; it listens on the network database only");
  return new ExternalDatabase(scope, "Database", {
    namespace,
    secrets,
    server,
    ca,
    administrator: admin,
    image: images.mysql,
    network: networks.database,
    egress: egress.service,
  });
}

type ExternalSettings = NonNullable<Environment["database"]["external"]>;
