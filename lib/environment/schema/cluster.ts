import { z } from "zod";
import { checked } from "../readers";

const NODE_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const ZONE = /^[a-z0-9][a-z0-9-]{0,30}$/;
const STORAGE = /^(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$/;

const node = z.strictObject({
  name: checked({
    description: "Host name of the node, as docker node ls shows it",
    example: "wiki-a",
    pattern: NODE_NAME,
    problem: (written) => (NODE_NAME.test(written) ? undefined : `"${written}" is no host name; write it as docker node ls shows it, like wiki-a`),
  }),
  zone: checked({
    description: "What fails together with the node, such as a rack; replicas are spread over zones; the node alone unless given",
    example: "rack-1",
    pattern: ZONE,
    problem: (written) => (ZONE.test(written) ? undefined : `"${written}" has other characters than lower-case letters, digits and "-"; write it like rack-1`),
  }).optional(),
  roles: z
    .array(z.enum(["manager", "data", "wiki"]))
    .min(1)
    .meta({
      examples: ["[manager, wiki]"],
      description:
        "manager: takes part in the decisions of the swarm. data: has the database, the portal and the reverse proxy. wiki: runs a replica of the wiki",
    }),
});

export const cluster = z
  .strictObject({
    nodes: z.array(node).min(1).max(50).meta({ description: "Hosts of the swarm" }),
    storage: checked({
      description: "Directory that every node has mounted from the same file server; uploads are kept in it",
      example: "/srv/wiki",
      pattern: STORAGE,
      problem: (written) => (STORAGE.test(written) ? undefined : `"${written}" is no absolute path of a directory; write it like /srv/wiki`),
    }),
  })
  .meta({ description: "Hosts of a Docker Swarm on which the wiki runs several times. Experimental" });

type Cluster = z.output<typeof cluster>;

/** Docker Swarm needs a majority of managers; with two, the failure of either stops it. */
const UNSAFE_MANAGERS = 2;
/** Least number of addresses in a network: fixed ones are in its first half. */
const LARGEST_PREFIX = 26;

/** As much as has to be read before the cluster can be compared with the rest. */
const READ = z.object({
  cluster: z.custom<Cluster>((value) => cluster.safeParse(value).success).optional(),
  docker: z.object({ host: z.string() }),
  providers: z.object({ docker: z.number() }),
  monitoring: z.object({ enabled: z.boolean() }),
  ports: z.object({ ipv6: z.string().optional() }),
  host: z.unknown().optional(),
  mail: z.unknown().optional(),
  wiki: z.object({ webhooks: z.array(z.unknown()).optional(), uploads: z.unknown().optional() }),
  networks: z.object({ proxy: z.unknown(), backend: z.unknown(), database: z.unknown() }),
});

export function isClusterRead({ value }: { value: unknown }): boolean {
  return READ.safeParse(value).success;
}

/** Refuses what contradicts itself, and what a cluster cannot have yet, each with the remedy. */
export function refineCluster(given: z.output<typeof READ>, context: z.core.$RefinementCtx): void {
  if (given.cluster === undefined) return;
  for (const [path, message] of [...nodeProblems(given.cluster), ...refused(given)]) context.addIssue({ code: "custom", path: [...path], message });
}

type Problem = readonly [path: readonly (string | number)[], message: string];

function nodeProblems({ nodes }: Cluster): Problem[] {
  const names = nodes.map(({ name }) => name);
  const having = (role: Cluster["nodes"][number]["roles"][number]) => nodes.filter(({ roles }) => roles.includes(role));
  const data = having("data");
  const managers = having("manager").length;
  const at = ["cluster", "nodes"];
  return [
    ...names.flatMap((name, index): Problem[] =>
      names.indexOf(name) === index ? [] : [[[...at, index, "name"], `"${name}" is the name of two nodes; list each node once`]],
    ),
    ...(data.length === 1 ? [] : [[at, `needs exactly one node with the role data, got ${data.length}; the database runs once`] as const]),
    ...data
      .filter(({ roles }) => !roles.includes("manager"))
      .map(({ name }) => [at, `${name} has the role data and must have the role manager, too; add it`] as const),
    ...(having("wiki").length > 0 ? [] : [[at, "needs a node with the role wiki; add it to the nodes that run the wiki"] as const]),
    ...(managers === UNSAFE_MANAGERS ? [[at, "two managers stop when either fails; give three nodes the role manager, or one"] as const] : []),
  ];
}

function refused({ docker, providers, monitoring, ports, host, mail, wiki, networks }: z.output<typeof READ>): Problem[] {
  const when = (condition: boolean, path: readonly string[], message: string): Problem[] => (condition ? [[path, message]] : []);
  const small = Object.entries(networks).filter(
    ([name, network]) => ["proxy", "backend", "database"].includes(name) && Number(`${network}`.split("/")[1]) > LARGEST_PREFIX,
  );
  return [
    ...when(
      !docker.host.startsWith("unix://"),
      ["docker", "host"],
      `"${docker.host}" is not on this machine, and a cluster is deployed from its node with the data; run the commands there, and leave docker.host out`,
    ),
    ...when(providers.docker !== 4, ["providers", "docker"], `a cluster needs version 4 of the provider, got ${providers.docker}; set providers.docker to 4`),
    ...when(monitoring.enabled, ["monitoring", "enabled"], "the monitoring does not know a cluster yet; set monitoring.enabled to false"),
    ...when(host !== undefined, ["host"], "a hardened host cannot be a node of a swarm yet; remove the block host"),
    ...when(mail !== undefined, ["mail"], "mail of the wiki leaves by an egress that does not know replicas yet; remove the block mail"),
    ...when((wiki.webhooks ?? []).length > 0, ["wiki", "webhooks"], "webhooks leave by an egress that does not know replicas yet; remove wiki.webhooks"),
    ...when(wiki.uploads !== undefined, ["wiki", "uploads"], "a cluster keeps uploads below cluster.storage; remove wiki.uploads"),
    ...when(ports.ipv6 !== undefined, ["ports", "ipv6"], "the networks of a cluster have IPv4 addresses only; remove ports.ipv6"),
    ...small.map(([name, network]): Problem => [["networks", name], `${network} is too small for a cluster; give it a prefix of /${LARGEST_PREFIX} or less`]),
  ];
}
