import { Endpoint } from "../../../../../constructs/core/endpoint";
import { check } from "../../../../../lib/operations/verify/checks/outbound";
import type { ProbeNetwork } from "../../../../../lib/operations/verify/target";
import { localEnvironment } from "../../../../support/example";
import { findings, SERVICES, service, URLS, type World } from "../target";

const MAIL = { host: "smtp.example.com", port: 587, from: "wiki@example.com", fromName: "Wiki", tls: true };
const local = localEnvironment();
const CONFIGURED = { ...local, mail: MAIL, wiki: { ...local.wiki, webhooks: [new Endpoint("hooks.example.com", 443)] } };
const EGRESS = service("egress", ["proxy", "backend"]);
/** Address of the egress in the world of the tests. */
const AT = "10.0.1.13";
const OWN = ["tcp://smtp.example.com:587", "tls://hooks.example.com@hooks.example.com:443"];

interface Network {
  /** Reachable targets of each client. */
  readonly answers?: (place: string, target: string) => boolean;
  readonly connects?: (place: string, target: string) => boolean;
  readonly resolves?: (place: string) => readonly string[];
  readonly listens?: readonly number[];
  /** What the wiki reaches whenever it works. */
  readonly database?: string;
}

const requests: string[] = [];
const NO_ANSWER = () => false;

function world(network: Network = {}, subject: World["subject"] = { environment: CONFIGURED, services: [...SERVICES, EGRESS], urls: URLS }): World {
  const {
    answers = (place, target) => place === "container:local-bookstack" && OWN.includes(target),
    connects = (place) => place === "local-proxy",
    resolves = (place) => (place === "local-proxy" ? ["203.0.113.25"] : []),
    listens = [443, 587],
    database = "10.0.0.12:3306",
  } = network;
  const probe = async ({ network: place }: ProbeNetwork, [verb = "", ...args]: readonly string[]): Promise<unknown> => {
    requests.push(...args.map((arg) => `${place} ${verb} ${arg}`));
    if (verb === "listen") return listens;
    if (verb === "resolve") return resolves(place);
    return args.filter((arg) => (verb === "answer" ? answers : connects)(place, arg) || (place === "container:local-bookstack" && arg === database));
  };
  return { subject, inside: { probe } };
}

beforeEach(() => requests.splice(0));

test("holds where the wiki reaches its servers through the egress, and nothing else", async () => {
  expect(await findings(check, world())).toEqual([]);
});

test("is looked at from within the wiki, with servers that answer elsewhere", async () => {
  await findings(check, world());
  expect(requests).toEqual(
    expect.arrayContaining([
      ...OWN.map((target) => `container:local-bookstack answer ${target}`),
      `container:local-bookstack answer sni://unknown.invalid@${AT}:443`,
      `local-backend answer tcp://${AT}:587`,
      `local-backend answer tls://hooks.example.com@${AT}:443`,
      "local-proxy connect 203.0.113.25:587",
      "container:local-bookstack connect 203.0.113.25:587",
      "container:local-bookstack connect 1.1.1.1:443",
      "container:local-bookstack resolve example.com",
    ]),
  );
});

test.each<[string, Network, string]>([
  [
    "a mail server that does not answer",
    { answers: (place, target) => place === "container:local-bookstack" && target === OWN[1] },
    "the wiki gets no answer from smtp.example.com:587",
  ],
  [
    "a receiver of webhooks that does not answer",
    { answers: (place, target) => place === "container:local-bookstack" && target === OWN[0] },
    "the wiki gets no answer from hooks.example.com:443",
  ],
  [
    "an egress that answers for every name",
    { answers: (place) => place === "container:local-bookstack" },
    `the egress answers for a server that the environment does not name: sni://unknown.invalid@${AT}:443`,
  ],
  [
    "an egress proxy that serves every container",
    { answers: (_, target) => !target.includes("unknown.invalid") },
    `the egress serves other containers than the wiki: tcp://${AT}:587`,
  ],
  ["an egress that does not listen", { listens: [587] }, "the egress does not listen on port 443"],
  ["an egress with another port", { listens: [443, 587, 8080] }, "the egress listens on port 8080, which no server needs"],
  ["a wiki with direct internet access", { connects: (_, target) => target === "1.1.1.1:443" }, "the wiki reaches 1.1.1.1:443 without the egress"],
  [
    "a wiki that reaches the mail server past the egress",
    { connects: (_, target) => target.startsWith("203.") },
    "the wiki reaches 203.0.113.25:587 without the egress",
  ],
  ["a wiki that can use public DNS", { resolves: () => ["203.0.113.25"] }, "the wiki can use public DNS: example.com resolves to 203.0.113.25"],
])("%s is found", async (_, network, problem) => {
  expect(await findings(check, world(network))).toContain(problem);
});

test("without mail and webhooks nothing is reached, and that is looked at, too", async () => {
  const bare = { environment: local, services: SERVICES, urls: URLS };
  expect(await findings(check, world({ answers: NO_ANSWER, resolves: () => [] }, bare))).toEqual([]);
  const open = { answers: NO_ANSWER, resolves: () => [], connects: (_: string, target: string) => target === "9.9.9.9:443" };
  expect(await findings(check, world(open, bare))).toEqual(["the wiki reaches 9.9.9.9:443 without the egress"]);
});

test("the edge is asked at the port on which it listens inside, not at the published one", async () => {
  const ports = { ...local.ports, https: 8443, public: 443 };
  await findings(check, world({}, { environment: { ...CONFIGURED, ports }, services: [...SERVICES, EGRESS], urls: URLS }));
  expect(requests.filter((line) => /^local-proxy connect 10\./.test(line))).toEqual([expect.stringMatching(/:443$/)]);
});

test("it is not known when nothing answers where there is a route out, when the wiki reaches not even its database, or when it does not run", async () => {
  expect(await findings(check, world({ connects: NO_ANSWER }))).toEqual([
    "unknown: nothing answers on local-proxy either, which has a route out, so it is not known whether the wiki reaches anything",
  ]);
  expect(await findings(check, world({ database: "none" }))).toEqual([
    "unknown: the wiki does not reach its database either, so it is not known whether it reaches anything",
  ]);
  const stopped = world();
  await expect(findings(check, { ...stopped, inside: { ...stopped.inside, inspect: async () => [] } })).rejects.toThrow("local-bookstack does not run");
});
