import { setTimeout as pause } from "node:timers/promises";
import { parseEnvironment } from "../../lib/environment/load";
import { docker } from "../support/deployment";
import { EdgeAlone } from "../support/edge-alone";
import { HONEST_PEOPLE, WITHIN_THE_LIMITS } from "../support/honest-people";
import { EdgeLimits, hourOf, portalLogOf, recordKinds } from "../support/traffic";
import { ask } from "./ask";
import { ATTACKS, type Malicious } from "./attacks";
import { type Attack, detectionPart, type Honest } from "./detection-report";
import { Edge } from "./edge";
import { flag } from "./flags";
import { imagesOf, writePart } from "./report";

const EDGE = new Edge("bnt", 18_173, 204);
const ROUNDS = flag("rounds", 2);
/** Longest time for which an attack goes on. */
const SECONDS = flag("seconds", 60);
const REQUEST_PAUSE = 250;
const LOOK_PAUSE = 500;
const HONEST = `domain: wiki.localhost
users: [{ name: alice, displayName: Alice, email: alice@wiki.localhost, groups: [admin] }]
wiki: { admin: { email: first@wiki.localhost } }
monitoring: { enabled: false }
`;
const ALONE = new EdgeAlone(parseEnvironment("bnh", HONEST, "bnh.yaml"), 18_175, "10.253.1.0/26");

const attacks: Attack[] = [];
let honest: Honest[] = [];
let images: Readonly<Record<string, string>> = {};

beforeAll(() => {
  ALONE.remove();
  EDGE.clean();
  EDGE.write({ traefik: {} });
  EDGE.wiki.must("deploy");
  images = imagesOf(EDGE.wiki);
});

afterAll(async () => {
  const about = { images, engine: docker("version", "--format", "{{.Server.Version}}"), seconds: SECONDS };
  if (attacks.length > 0) await writePart(detectionPart(attacks, honest, about));
  ALONE.remove();
  EDGE.clean();
});

/** Status of an answer to `address`; the reverse proxy takes the address from the proxy in front of it: here, from this machine. */
async function statusOf(address: string, { host, path, method = "GET", headers = {}, body }: Malicious): Promise<number> {
  const name = `${host}.wiki.localhost`;
  const sent = { host: `${name}:${EDGE.wiki.https}`, "user-agent": "Mozilla/5.0 (bench)", ...headers, "x-forwarded-for": address };
  return (await ask({ url: `https://127.0.0.1:${EDGE.wiki.https}${path}`, servername: name, method, headers: sent, body })).status;
}

const INNOCENT: Malicious = { host: "bookstack", path: "/login", headers: { accept: "text/html" } };

/** Attacks until an innocent request is refused. */
async function attack(name: string, address: string, make: (index: number) => Malicious): Promise<Attack> {
  const usual = await statusOf(address, INNOCENT);
  if (usual === 403) throw new Error(`${address} is refused before its attack`);
  const answers: Record<string, number> = {};
  const began = Date.now();
  let refused: number | undefined;
  let requests = 0;
  const count = (answer: string) => {
    answers[answer] = (answers[answer] ?? 0) + 1;
  };
  const over = () => refused !== undefined || Date.now() - began > SECONDS * 1000;
  const attacking = async () => {
    for (const pending: Promise<void>[] = []; ; await pause(REQUEST_PAUSE)) {
      if (over()) return Promise.all(pending);
      pending.push(statusOf(address, make(requests++)).then((status) => count(`${status}`), () => count("no answer"))); // biome-ignore format: one thought
    }
  };
  const looking = async () => {
    for (; !over(); await pause(LOOK_PAUSE)) {
      const status = await statusOf(address, INNOCENT).catch(() => 0);
      if (status === 403) refused ??= Date.now();
    }
  };
  await Promise.all([attacking(), looking()]);
  return { name, requests, answers, ...(refused === undefined ? {} : { seconds: (refused - began) / 1000 }) };
}

test("seconds from the first malicious request to the first refusal", async () => {
  const names = Object.keys(ATTACKS);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, name] of names.entries()) {
      const one = await attack(name, `203.0.113.${1 + round * names.length + index}`, ATTACKS[name] as (index: number) => Malicious);
      process.stderr.write(`${JSON.stringify(one)}\n`);
      attacks.push(one);
    }
  }
});

test("bans of honest people in an hour", async () => {
  await ALONE.start();
  const people = [...HONEST_PEOPLE, ...WITHIN_THE_LIMITS];
  const begin = Date.now() - 3_700_000;
  const hour = hourOf(people, await recordKinds(ALONE), new EdgeLimits(ALONE.file("traefik", "dynamic/routes.yml")), begin);
  ALONE.replay("traefik", hour.accessLog);
  const bans = ALONE.replay("authelia", portalLogOf(people, begin));
  honest = people.map(({ name, address, visits }) => ({ name, requests: visits.length, bans: bans.filter((ban) => ban.address === address).length }));
});
