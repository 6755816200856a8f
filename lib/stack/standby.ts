import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { POSITION } from "../../constructs/database/database";
import { MySql } from "../../constructs/database/mysql";
import { DATA_DIRECTORY } from "../../constructs/database/mysql-config";
import { StandbyFence } from "../../constructs/database/standby-fence";
import { StandbySource, StandbySync } from "../../constructs/database/standby-files";
import { DATABASE_PORT, FILES_PORT, StandbyLink } from "../../constructs/database/standby-link";
import { ContainerImage } from "../../constructs/docker/image";
import { knownHosts } from "../environment/docker-access";
import { remoteDocker } from "../environment/host-url";
import type { Environment } from "../environment/schema";
import { pullBases } from "./base-images";
import type { StackContext } from "./context";
import { imagesFor, MONITORING_IMAGES } from "./images";
import { makeDatabase } from "./mysql";

/** Positions on the network of the database. */
const POSITIONS = { link: 11, source: 12 } as const;
const OWNER = "1000:1000";
/** What a standby gets besides the database. */
const FILES = ["uploads", "uploads-public", "authelia"] as const;

/** What the host that is written to has for its standby, and for a host that was written to before. */
export function makeStandbySource(scope: Construct, context: StackContext): void {
  const { environment, namespace, images, networks, secrets, volumes } = context;
  const shared = { namespace, image: images.backup, network: networks.database, secrets };
  new StandbySource(scope, "StandbySource", { ...shared, position: POSITIONS.source, volumes: FILES.map((name) => volumes.existing(name)) });
  const { replication } = environment;
  if (replication?.role !== "source" || replication.fences === undefined) return;
  const link = makeLink(scope, context, replication.fences);
  new StandbyFence(scope, "StandbyFence", { ...shared, link: link.address });
}

/** What follows the other host: the database, a tunnel, and what copies its files. */
export function makeReplica(scope: Construct, context: StackContext): void {
  const { environment, namespace, images, networks, secrets, volumes } = context;
  const mysql = makeDatabase(scope, context);
  const { replication } = environment;
  if (replication?.role !== "replica" || !(mysql instanceof MySql)) throw new Error("a standby has a database of its own, which follows another");
  pullLaterImages(scope, environment);
  const link = makeLink(scope, context, replication.source);
  new StandbySync(scope, "StandbySync", {
    namespace,
    image: images.backup,
    network: networks.database,
    secrets,
    link: link.address,
    volumes: FILES.map((name) => volumes.volume(name, { owner: OWNER })),
    database: { ...mysql.followed, address: networks.database.subnet.address(POSITION), serverId: replication.serverId },
  });
}

/** Images of the monitoring are there before a failover: no registry has to answer in the moment in which the first host is lost. */
function pullLaterImages(scope: Construct, { database, images, monitoring }: Environment): void {
  if (!monitoring.enabled) return;
  const references = imagesFor(database.version, images);
  const later = new Construct(scope, "LaterImages");
  for (const name of MONITORING_IMAGES) new ContainerImage(later, name, references[name]);
}

/** The tunnel to the database and the files of the other host. */
function makeLink(scope: Construct, { environment, namespace, images, networks, secrets }: StackContext, other: Environment["docker"]): StandbyLink {
  const remote = remoteDocker(other.host);
  if (remote === undefined) throw new Error("the two hosts of a standby reach each other by ssh://");
  const { link, mysql } = imagesFor(environment.database.version, environment.images);
  const image = new ContainerImage(scope, "LinkImage", { ...link, volumes: [DATA_DIRECTORY] });
  const bases = [
    { id: "MySqlImage", source: mysql, image: images.mysql },
    { id: "LinkImage", source: link, image },
  ];
  pullBases(TerraformStack.of(scope), bases, environment.docker.registryLogins ?? []);
  return new StandbyLink(scope, "StandbyLink", {
    namespace,
    image,
    out: networks.proxy,
    inside: { network: networks.database, position: POSITIONS.link },
    secrets,
    source: {
      ssh: { user: remote.user ?? "root", host: remote.host, port: remote.port ?? 22 },
      knownHosts: knownHosts(other.hostKey ?? ""),
      database: `${networks.database.subnet.address(POSITION)}:${DATABASE_PORT}`,
      files: `${networks.database.subnet.address(POSITIONS.source)}:${FILES_PORT}`,
    },
  });
}

/** Where the two hosts find each other. */
export const StandbyPlace = {
  /** Where the database of the other host is, for the one that follows it. */
  linkOf({ networks }: Environment): { readonly address: string; readonly port: number } {
    return { address: networks.database.address(POSITIONS.link), port: DATABASE_PORT };
  },
  /** Line of `authorized_keys` that lets the key of the link forward to the database and the files of `environment`, and do nothing else. */
  authorizedKey({ networks }: Environment, key: string): string {
    const targets = [`${networks.database.address(POSITION)}:${DATABASE_PORT}`, `${networks.database.address(POSITIONS.source)}:${FILES_PORT}`];
    return `restrict,port-forwarding,${targets.map((target) => `permitopen="${target}"`).join(",")} ${key}`;
  },
};
