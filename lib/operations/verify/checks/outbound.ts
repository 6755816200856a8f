import type { Endpoint } from "../../../../constructs/core/endpoint";
import { beginsWithTls } from "../../../../constructs/core/mail-server";
import { publicPort } from "../../../../constructs/edge/traefik/published";
import { databasePort, databaseService } from "../../../stack/mysql";
import { outboundEndpoints } from "../../../stack/outbound";
import { type Check, type Finding, unknown } from "../check";
import { addressOn, answeringTo, portsOf, reachedAt, reachedFrom, resolvedAt } from "../probes";
import { hasService, nameIn, type ProbeNetwork, type Target } from "../target";

const WIKI = "bookstack";
const EGRESS = "egress";
/** Servers that answer every client with internet access. */
const PUBLIC = ["1.1.1.1:443", "9.9.9.9:443", "8.8.8.8:443"];
/** A name that public DNS resolves. */
const PUBLIC_NAME = "example.com";
/** A name that no server has. */
const UNKNOWN_HOST = "unknown.invalid";

export const check: Check = {
  name: "outbound",
  promise: "the wiki can reach the configured mail and webhook servers and nothing else outside, and no other container can use the egress proxy",
  async run(subject): Promise<readonly Finding[]> {
    const inspected = await subject.inside.inspect([nameIn(subject, WIKI)]);
    if (!inspected.some(({ State }) => State.Running)) throw new Error(`${nameIn(subject, WIKI)} does not run`);
    const throughEgress = hasService(subject, EGRESS) ? [...(await notReached(subject)), ...(await misused(subject))] : [];
    return [...throughEgress, ...(await pastEgress(subject)), ...(await foreignNames(subject))];
  },
};

function placeOf(subject: Target, service: string): ProbeNetwork {
  return { network: `container:${nameIn(subject, service)}` };
}

/** What is asked of a server, by `name`, at `address`. */
function target({ environment: { mail } }: Target, { host, port }: Endpoint, address = host): string {
  const speaksFirst = mail !== undefined && !beginsWithTls(mail) && mail.host === host && mail.port === port;
  return speaksFirst ? `tcp://${address}:${port}` : `tls://${host}@${address}:${port}`;
}

async function notReached(subject: Target): Promise<Finding[]> {
  const endpoints = outboundEndpoints(subject.environment);
  const answering = await answeringTo(
    subject,
    placeOf(subject, WIKI),
    endpoints.map((endpoint) => target(subject, endpoint)),
  );
  return endpoints
    .filter((endpoint) => !answering.includes(target(subject, endpoint)))
    .map((endpoint) => ({
      problem: `the wiki gets no answer from ${endpoint}`,
      remedy: `docker logs ${nameIn(subject, EGRESS)}: wrong name or port, server down, or a firewall in between?`,
    }));
}

/** What the egress does beyond its task: another port, another server, another client. */
async function misused(subject: Target): Promise<Finding[]> {
  const egress = nameIn(subject, EGRESS);
  const backend = nameIn(subject, "backend");
  const remedy = `npm run deploy -- ${subject.environment.name}`;
  const endpoints = outboundEndpoints(subject.environment);
  const ports = [...new Set(endpoints.map(({ port }) => port))];
  const address = await addressOn(subject, EGRESS, "backend");
  const listening = await portsOf(subject, egress);
  const foreign = ports.map((port) => `sni://${UNKNOWN_HOST}@${address}:${port}`);
  const forOthers = endpoints.map((endpoint) => target(subject, endpoint, address));
  const byName = await answeringTo(subject, placeOf(subject, WIKI), foreign);
  const byOthers = await answeringTo(subject, { network: backend }, forOthers);
  return [
    ...ports.filter((port) => !listening.includes(port)).map((port) => ({ problem: `the egress does not listen on port ${port}`, remedy })),
    ...listening.filter((port) => !ports.includes(port)).map((port) => ({ problem: `the egress listens on port ${port}, which no server needs`, remedy })),
    ...byName.map((found) => ({ problem: `the egress answers for a server that the environment does not name: ${found}`, remedy })),
    ...byOthers.map((found) => ({ problem: `the egress serves other containers than the wiki: ${found}`, remedy })),
  ];
}

/** Servers that others reach without the egress, and the wiki must not. */
async function pastEgress(subject: Target): Promise<Finding[]> {
  const proxy = nameIn(subject, "proxy");
  const endpoints = outboundEndpoints(subject.environment);
  const edge = `${await addressOn(subject, "traefik", "proxy")}:${publicPort(subject.environment.ports)}`;
  const addresses = await resolvedAt(
    subject,
    { network: proxy },
    endpoints.map(({ host }) => host),
  );
  const targets = [edge, ...addresses.flatMap((address) => endpoints.map(({ port }) => `${address}:${port}`)), ...PUBLIC];
  const there = await reachedAt(subject, { network: proxy }, targets);
  const remedy = `docker inspect ${nameIn(subject, WIKI)}: on which networks is it? Then npm run deploy -- ${subject.environment.name}`;
  if (there.length === 0)
    return [unknown(`nothing answers on ${proxy} either, which has a route out, so it is not known whether the wiki reaches anything`, remedy)];
  // the wiki reaches it whenever it works
  const database = `${await addressOn(subject, databaseService(subject.environment), "database")}:${databasePort(subject.environment)}`;
  const reached = await reachedFrom(subject, nameIn(subject, WIKI), [...there, database]);
  const past = reached.filter((found) => found !== database);
  return [
    ...(reached.length === 0 ? [unknown("the wiki does not reach its database either, so it is not known whether it reaches anything", remedy)] : []),
    ...past.map((found) => ({ problem: `the wiki reaches ${found} without the egress`, remedy })),
  ];
}

/** A question to DNS can carry data out, too. */
async function foreignNames(subject: Target): Promise<Finding[]> {
  const found = await resolvedAt(subject, placeOf(subject, WIKI), [PUBLIC_NAME]);
  if (found.length === 0) return [];
  return [
    {
      problem: `the wiki can use public DNS: ${PUBLIC_NAME} resolves to ${found.join(", ")}`,
      remedy: `npm run deploy -- ${subject.environment.name}; update Docker`,
    },
  ];
}
