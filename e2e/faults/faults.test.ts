import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Credentials } from "../../lib/cli/commands/credentials";
import { runSync } from "../support/bounded";
import { Deployment, docker, succeeded, until } from "../support/deployment";
import { imageOf, imagesHere } from "../support/images";
import { AlertSink } from "../support/metrics";
import { SmallDisk } from "./disk";
import { type Fault, type Outcome, TARGETS } from "./fault";
import { containerFaults, diskFault } from "./faults";
import { Laboratory } from "./laboratory";
import { deployFaults, jobFaults, restoreFault, savedTexts, writesFault } from "./operations";
import { Person, type Task } from "./person";
import { machine, type NotRun, writeReport } from "./report";

const WIKI = new Deployment({ name: "flt", http: 18_191, https: 18_591, subnets: 249 });
const SINK = new AlertSink(WIKI);
const PEOPLE: Readonly<Record<Task, readonly string[]>> = { reader: ["viewer"], editor: ["editor"], administrator: ["admin"] };
const DISKS = {
  "bookstack-db": new SmallDisk(WIKI.name, "database", 900),
  traefik: new SmallDisk(WIKI.name, "traefik-logs", 48),
  authelia: new SmallDisk(WIKI.name, "authelia", 48),
  prometheus: new SmallDisk(WIKI.name, "prometheus", 256),
  backup: new SmallDisk(WIKI.name, "backups", 64),
  bookstack: new SmallDisk(WIKI.name, "uploads", 48),
};

const NOT_RUN: readonly NotRun[] = [
  { what: "Docker engine killed and restarted", why: "the engine is shared with other programs. On an engine of its own, e2e/engine-killed-e2e.test.ts shows that services come back after SIGKILL and SIGTERM." }, // biome-ignore format: one thought
  { what: "Restart of the host during a backup, update or restore", why: "no host to restart. The nearest thing is above: the command and its containers are killed. A failed update: e2e/failed-update-e2e.test.ts." }, // biome-ignore format: one thought
  { what: "A clock that is 80 days ahead", why: "a container has the clock of its host, and a library that changes it for one program (libfaketime) is not in the images. Certificates with short lifetimes are renewed in e2e/certificates-e2e.test.ts; other effects of a wrong clock are not measured." }, // biome-ignore format: one thought
  { what: "A full disk of the host", why: "the host has other work; a full disk of each volume that grows is above." },
];

function write(timezone: string): void {
  WIKI.write({
    users: Object.entries(PEOPLE).map(([name, groups]) => ({ name, displayName: name, email: `${name}@wiki.localhost`, groups })),
    signOn: { session: "8h", inactivity: "8h" },
    mail: { host: SINK.name, port: 2525, from: "wiki@wiki.localhost", tls: false },
    monitoring: { interval: "5s" },
    alerts: { email: "ops@wiki.localhost", pending: "10s", window: "40s", groupInterval: "5s" },
    timezone,
    wiki: { admin: { email: "first@wiki.localhost" }, options: { REVISION_LIMIT: false } },
  });
}

function clean(): void {
  write("UTC");
  const left = docker("ps", "--all", "--quiet", "--filter", `label=secure-bookstack.namespace=${WIKI.name}`).split("\n").filter(Boolean);
  runSync("docker", ["rm", "--force", "--volumes", SINK.name, ...left]);
  for (const disk of Object.values(DISKS)) disk.remove();
  WIKI.clean();
  write("UTC");
}

/** The last mail to a user, as soon as there is one. */
function lastMail(user: string): string {
  for (let second = 0; second < 20; second++) {
    const mail = (SINK.arrivals(`mailto:${user}@wiki.localhost`) as readonly { mail?: string }[]).at(-1)?.mail;
    if (mail !== undefined) return mail.replaceAll("\r", "");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  }
  throw new Error(`no mail to ${user}`);
}

async function signedIn(): Promise<Person[]> {
  const site = { domain: "wiki.localhost", port: WIKI.https, ca: WIKI.must("ca") };
  const { users }: Credentials = JSON.parse(WIKI.must("credentials", "--json"));
  const people = (Object.keys(PEOPLE) as Task[]).map((task) => {
    const password = users.find(({ name }) => name === task)?.password ?? "";
    return new Person(task, site, { user: task, password, lastMail: () => lastMail(task) });
  });
  for (const person of people) await person.signIn();
  return people;
}

let laboratory: Laboratory;
let people: Person[] = [];
const outcomes: Outcome[] = [];
/** What runs in each container. */
let images: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  clean();
  for (const disk of Object.values(DISKS)) disk.create();
  WIKI.must("deploy");
  SINK.start(`${WIKI.name}-proxy`, imageOf("bookstack"));
  const seed = ["exec", "--interactive", WIKI.container("bookstack"), "sh", "/etc/bookstack/entrypoint.sh", "php", "--", "1"];
  const input = readFileSync(join(__dirname, "..", "support", "book-of-pages.php"));
  succeeded(runSync("docker", seed, { input }));
  people = await signedIn();
  const services = WIKI.summary().containers.filter(({ kind }) => kind === "service");
  const standIns = Object.values(imagesHere().overrides);
  images = Object.fromEntries(services.map(({ name, image }) => [name.slice(WIKI.name.length + 1), standIns.includes(image) ? `stand-in ${image}` : image]));
  laboratory = new Laboratory(WIKI, people, () => savedTexts(WIKI), services.length);
  for (const person of people) person.start();
  if ((await laboratory.untilWhole()) === undefined) throw new Error("not all users are served before anything is broken");
});

afterAll(async () => {
  await Promise.all(people.map((person) => person.stop()));
  clean();
});

/** Made when it is run: a fault needs the environment that is deployed before. */
const FAULTS: readonly (readonly [name: string, make: () => Fault])[] = named();

function named(): (readonly [string, () => Fault])[] {
  const operated = () => ({ wiki: WIKI, containers: laboratory.containers, write, whole: () => laboratory.untilWhole() });
  const list = (make: () => readonly Fault[]) => make().map(({ part, what }, index) => [`${part}: ${what}`, () => make()[index] as Fault] as const);
  const placeholder = { wiki: WIKI, containers: undefined as never, write, whole: async () => undefined };
  const disks = Object.entries(DISKS).map(([part, disk]) => diskFault(part, disk));
  const mailGone: Fault = {
    part: "mail server",
    what: "gone for 20 s",
    strike: () => void docker("pause", SINK.name),
    seconds: 20,
    repair: () => void docker("unpause", SINK.name),
  };
  return [
    ...list(() => [writesFault(laboratory === undefined ? placeholder : operated())]),
    ...list(() => containerFaults(laboratory?.containers)),
    ...list(() => disks),
    ...list(() => [mailGone]),
    ...list(() => deployFaults(laboratory === undefined ? placeholder : operated())),
    ...list(() => jobFaults(laboratory === undefined ? placeholder : operated())),
    ...list(() => [restoreFault(laboratory === undefined ? placeholder : operated())]),
  ];
}

test.each(FAULTS)("%s: all users are served again in time, and nothing acknowledged is lost", async (_, make) => {
  const outcome = await laboratory.run(make());
  outcomes.push(outcome);
  process.stderr.write(`${JSON.stringify(outcome)}\n`);
  // after each, so that a run that is interrupted has a report, too
  writeReport({ machine: machine(), engine: docker("version", "--format", "{{.Server.Version}}"), images, notRun: NOT_RUN, outcomes });
  // what one fault broke for good must not count as the next one's
  if (outcome.wholeSeconds === undefined) await repair();
  expect({ targets: TARGETS, missed: outcome.missed }).toEqual({ targets: TARGETS, missed: [] });
});

async function repair(): Promise<void> {
  await WIKI.commandInBackground("deploy");
  await until(async () => (await laboratory.untilWhole()) !== undefined, 400, "the environment works again");
}
