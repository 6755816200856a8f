import { Annotations } from "cdktf";
import type { Construct } from "constructs";
import { ByteSize } from "../../constructs/core/byte-size";
import { unmatchedBehindProxies } from "../../constructs/edge/traefik/trusted-networks";
import { leastWikiMemory, usualPhpMemory } from "../../constructs/wiki/wiki-sizes";
import type { DatabaseVersion, Environment } from "../environment/schema";
import { unusedMirrors } from "./image-mirrors";
import { type ImageSettings, imagesFor, pulledFor, unpinned } from "./images";

/** Largest body of a request that Cloudflare lets through in its free plan. */
const CLOUDFLARE_LARGEST = ByteSize.mebibytes(100);
/** Enough for a picture of 48 megapixels, or a PDF of 60 pages. */
const ENOUGH_PHP_MEMORY = ByteSize.mebibytes(256);

/** Adds what the environment permits but should be known as warnings. With `production: true` uncertainties are errors. */
export function applyRules(stack: Construct, environment: Environment): void {
  const problems = uncertainties(environment);
  if (environment.production) stack.node.addValidation({ validate: () => problems.map((problem) => `is for production, but ${problem}`) });
  for (const warning of [...warnings(environment), ...(environment.production ? [] : problems)]) Annotations.of(stack).addWarning(warning);
}

/** What makes it uncertain which program runs, or on which machine. */
function uncertainties({ docker: { host, hostKey }, database, images }: Environment): string[] {
  const moving = unpinned(imagesFor(database.version, images));
  return [
    ...(moving.length === 0
      ? []
      : [`images without a locked digest: ${moving.length}; run npm run lock, which writes images.lock.json (${moving.join(", ")})`]),
    ...(host.startsWith("ssh://") && hostKey === undefined
      ? ["the Docker host's SSH key is checked by your own ssh configuration alone; write it into docker.hostKey"]
      : []),
  ];
}

/** What is permitted but should be known. */
function warnings({ host, database, images, dns, domain, tls, signOn, access, traefik, users, wiki }: Environment): string[] {
  const { memory, phpMemory = usualPhpMemory(memory) } = wiki;
  const { mirrors: _, ...overrides } = images;
  const behindProxies = dns.proxied || (access.proxies ?? []).length > 0;
  const when = (condition: boolean, warning: string) => (condition ? [warning] : []);
  return [
    ...when(host === undefined, "secrets lie in clear in volumes of the Docker host, readable by its root"),
    ...when(
      signOn.breakGlass,
      "signOn.breakGlass enables the wiki's own login form, without the portal and without a second factor; remove it as soon as possible",
    ),
    ...when(database.version === "8.0", 'MySQL 8.0 gets no more fixes since April 2026; set database.version to "8.4"'),
    ...Object.entries(overrides).map(([name, reference]) => `the image of ${name} is ${reference}, not the tested one`),
    ...uselessMirrors(database.version, images),
    ...when(
      dns.proxied && dns.zone !== undefined && domain !== dns.zone,
      `Cloudflare's free certificate covers names right below ${dns.zone} only, not below ${domain}; order one that does, or set dns.proxied to false`,
    ),
    ...when(
      dns.provider !== "none" && !dns.proxied && dns.ipv4 === undefined,
      "the DNS records have only an IPv6 address; clients without IPv6 cannot reach the wiki: add dns.ipv4",
    ),
    ...(traefik.rateLimit.trusted && behindProxies ? unmatchedBehindProxies(access.trusted ?? []) : []).map(
      (network) => `traefik.rateLimit.trusted does not hold for ${network} of access.trusted: behind proxies only IPv4 networks can be matched`,
    ),
    ...when(
      dns.proxied && wiki.uploadLimit.bytes > CLOUDFLARE_LARGEST.bytes,
      `wiki.uploadLimit is ${wiki.uploadLimit}, but Cloudflare refuses more than ${CLOUDFLARE_LARGEST} unless you pay for it; lower it, or set dns.proxied to false`,
    ),
    ...when(
      phpMemory.bytes < ENOUGH_PHP_MEMORY.bytes,
      `exports and pictures may use ${phpMemory} of memory: large ones fail, with a message; raise wiki.memory to ${leastWikiMemory(ENOUGH_PHP_MEMORY)} or more`,
    ),
    ...when(
      !users.some(({ groups }) => groups.includes("admin")),
      "no user is in the group admin: only the account wiki.admin, which is for emergencies, can change settings and roles",
    ),
    ...when(tls.staging, "certificates come from Let's Encrypt's test authority, which no browser knows"),
  ];
}

/** A mirror that no image comes from, most likely by a mistake in the key. */
function uselessMirrors(version: DatabaseVersion, images: ImageSettings): string[] {
  const pulled = Object.values(imagesFor(version, { ...images, mirrors: {} })).flatMap(pulledFor);
  return unusedMirrors(pulled, images.mirrors ?? {}).map((prefix) => `images.mirrors has ${prefix}, but no image is from there`);
}
