import type { Construct } from "constructs";
import { MySql } from "../../constructs/database/mysql";
import type { StackContext } from "./context";
import { limits } from "./limits";

/** The database of the wiki. */
export function makeMySql(scope: Construct, { environment: { database }, namespace, volumes, secrets, images, networks }: StackContext): MySql {
  return new MySql(scope, "MySql", {
    namespace,
    volumes,
    secrets,
    image: images.mysql,
    network: networks.database,
    bufferPool: database.bufferPool,
    slowQuery: database.slowQuery,
    limits: limits(database),
  });
}
