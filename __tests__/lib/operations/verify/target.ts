import type { CompleteDescription, Zone } from "../../../../constructs/docker/description";
import type { Check, Finding } from "../../../../lib/operations/verify/check";
import type { Answer, DockerProbe, ExternalProbe, Handshake, Inspected, Planned, Target } from "../../../../lib/operations/verify/target";
import { localEnvironment } from "../../../support/example";

export const NOW = new Date("2026-06-01T12:00:00Z");
const NAME = "local";
const WIKI = "https://bookstack.wiki.example.com";
const PORTAL = "https://auth.wiki.example.com";
export const URLS = { bookstack: WIKI, portal: PORTAL, dashboard: "https://traefik.wiki.example.com" };

export const HEADERS: Readonly<Record<string, string>> = {
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-frame-options": "SAMEORIGIN",
  "referrer-policy": "strict-origin-when-cross-origin",
  "permissions-policy": "camera=(), usb=()",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** Seconds of the clock, some hours ago. */
export function hoursAgo(hours: number): number {
  return NOW.getTime() / 1000 - hours * 3600;
}

/** What the containers of the tests listen on. */
const LISTENS: Readonly<Record<string, readonly number[]>> = { traefik: [8080, 8082], bookstack: [3000], "bookstack-db": [3306] };

/** A service of the plan, on these networks. */
export function service(name: string, networks: readonly string[], more: Planned["attributes"] = {}): Planned {
  const attributes = {
    user: "1000:1000",
    read_only: true,
    capabilities: { drop: ["ALL"] },
    security_opts: ["no-new-privileges=true"],
    memory: 256,
    memory_swap: 256,
    cpu_period: 100_000,
    cpu_quota: 100_000,
    restart: "always",
    mounts: [{ type: "volume", source: `${NAME}-${name}`, target: "/data" }],
    ...more,
  };
  const own = networks.map((network) => `${NAME}-${network}`);
  const description: CompleteDescription = { purpose: [name], zones: networks as readonly Zone[], listens: LISTENS[name] ?? [], connects: [] };
  return {
    name: `${NAME}-${name}`,
    namespace: NAME,
    service: name,
    kind: "service",
    image: `${name}:1`,
    networks: own,
    zones: description.zones ?? [],
    description,
    volumes: [],
    attributes,
  };
}

export const SERVICES: readonly Planned[] = [
  service("traefik", ["proxy", "backend"], { ports: [{ ip: "0.0.0.0", external: 443, internal: 443, protocol: "tcp" }] }),
  service("bookstack", ["backend", "database"]),
  service("bookstack-db", ["database"]),
];

/** The container that the engine has for a service, exactly as planned. */
export function asPlanned({ name, networks, attributes }: Planned, position: number): Inspected {
  const ports = (attributes.ports ?? []) as readonly { ip: string; external: number; internal: number; protocol: string }[];
  return {
    Name: `/${name}`,
    Image: "sha256:1",
    Created: new Date(hoursAgo(24 * 30) * 1000).toISOString(),
    State: { Running: true, Health: { Status: "healthy" } },
    Config: { User: "1000:1000" },
    HostConfig: {
      ReadonlyRootfs: true,
      Privileged: false,
      CapAdd: null,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges=true"],
      Memory: 256 * 2 ** 20,
      MemorySwap: 256 * 2 ** 20,
      CpuQuota: 100_000,
      CpuPeriod: 100_000,
      NetworkMode: networks[0] ?? "none",
      PidMode: "",
      RestartPolicy: { Name: "always" },
      PortBindings: Object.fromEntries(
        ports.map(({ ip, external, internal, protocol }) => [`${internal}/${protocol}`, [{ HostIp: ip, HostPort: `${external}` }]]),
      ),
    },
    Mounts: [{ Type: "volume", Name: name, Destination: "/data", RW: true }],
    NetworkSettings: { Networks: Object.fromEntries(networks.map((network, index) => [network, { IPAddress: `10.0.${index}.${position + 10}` }])) },
  };
}

const good: Handshake = { protocol: "TLSv1.3", distrusted: undefined, validTo: new Date("2026-12-01T00:00:00Z") };

/** What a world answers that is as promised; a test takes the place of parts. */
export interface World {
  readonly subject?: Partial<Omit<Target, "outside" | "inside">>;
  readonly outside?: Partial<ExternalProbe>;
  readonly inside?: Partial<DockerProbe>;
}

export function targetOf({ subject = {}, outside = {}, inside = {} }: World = {}): Target {
  const services = subject.services ?? SERVICES;
  return {
    environment: { ...localEnvironment(), domain: "wiki.example.com", ports: { address: "0.0.0.0", http: 80, https: 443 } },
    urls: URLS,
    openPaths: { "bookstack.wiki.example.com": ["/scripts/", "/icon.png"] },
    services,
    hostChecks: () => [],
    now: () => NOW,
    ...subject,
    outside: {
      ask: async (url, headers, method) => answer(url, headers, method),
      shakeHands: async (_, version) => (version === "TLSv1.3" ? good : undefined),
      reaches: async (port) => port === 80 || port === 443,
      dockerCertificates: async () => ({ "the certificate of the Docker host": good.validTo }),
      resolve: async (_, family) => (family === 4 ? ["203.0.113.10"] : []),
      ...outside,
    },
    inside: {
      inspect: async (names) => services.map(asPlanned).filter(({ Name }) => names.includes(Name.slice(1))),
      exec: async () => "",
      internalNetworks: async () => ["local-backend", "local-database"],
      probe: async (_, [verb]) => (verb === "listen" ? [3000] : []),
      hostFiles: async () => undefined,
      onNetwork: async (_, __, ___, action) => action("local-verify"),
      ...inside,
    },
  };
}

function answer(url: string, { accept = "" }: Readonly<Record<string, string>> = {}, method = "GET"): Answer {
  const { protocol, hostname, pathname, search } = new URL(url);
  if (protocol === "http:") return { status: 301, headers: { location: `https://${hostname}${pathname}${search}` } };
  if (url === `${WIKI}/icon.png`) return { status: method === "GET" ? 200 : 405, headers: HEADERS };
  if (/^\/+(s|%73)cripts\//.test(url.slice(WIKI.length)) && !url.includes("%2e")) return { status: 404, headers: HEADERS };
  if (url.startsWith(PORTAL)) return { status: 200, headers: HEADERS };
  return accept === "text/html" ? { status: 302, headers: { ...HEADERS, location: `${PORTAL}/?rd=x` } } : { status: 401, headers: HEADERS };
}

/** What a check finds in a world; what it cannot see begins with `unknown: `. */
export async function findings(check: Check, world: World = {}): Promise<readonly string[]> {
  const subject = targetOf(world);
  expect(check.skip?.(subject)).toBeUndefined();
  const found: readonly Finding[] = await check.run(subject);
  for (const { problem, remedy } of found) expect([problem, remedy]).toEqual([expect.stringMatching(/^\S[^\n]*$/), expect.stringMatching(/^\S[^\n]*$/)]);
  return found.map(({ problem, unknown }) => `${unknown ? "unknown: " : ""}${problem}`);
}
