import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describeUnless } from "../../__tests__/support/needs";
import { docker } from "../support/deployment";
import { CGROUP_VARIABLE } from "../support/in-cgroup";
import { Edge } from "./edge";
import { flag } from "./flags";
import { load } from "./load-generator";
import { imagesOf, writePart } from "./report";
import { type Size, sizesPart } from "./sizes-report";
import { missingForSmallServer, SmallServer } from "./small-server";

const NAME = "bnz";
const EDGE = new Edge(NAME, 18_169, 209, 0, join(__dirname, "..", "support", "in-cgroup.ts"));
const SERVER = new SmallServer(NAME);
/** Only this size, in GiB; 0: each. */
const GIB = flag("gib", 0);
const SECONDS = flag("seconds", 10);
/** What the system and the engine need themselves on a server. */
const SYSTEM_MIB = 512;
const CLIENTS = [1, 10, 50] as const;
const PAGE = "/books/book-of-pages/page/page-1";

const SIZES = [
  { gib: 2, monitoring: false },
  { gib: 2, monitoring: true },
  { gib: 4, monitoring: true },
  { gib: 8, monitoring: true },
].filter(({ gib }) => GIB === 0 || gib === GIB);

const sizes: Size[] = [];
let images: Readonly<Record<string, string>> = {};

function clean(): void {
  EDGE.clean();
  SERVER.remove();
}

/** Watches the memory of all containers; the function that it gives ends that, and says how much it was at most. */
function watched(): () => Promise<number> {
  let [over, most] = [false, 0];
  const loop = (async () => {
    for (; !over; await pause(500)) most = Math.max(most, SERVER.memory());
  })();
  return async () => {
    over = true;
    await loop;
    return most;
  };
}

/** Containers that the kernel or the engine ended since they were made. */
function ended(): string[] {
  const names = EDGE.wiki.summary().containers.flatMap(({ kind, name }) => (kind === "service" ? [name] : []));
  const lines = docker("inspect", "--format", "{{.Name}} {{.RestartCount}} {{.State.OOMKilled}} {{.State.Running}}", ...names).split("\n");
  return lines.filter((line) => !line.endsWith(" 0 false true")).map((line) => line.slice(NAME.length + 2).split(" ")[0] ?? "");
}

async function measure(gib: number, monitoring: boolean): Promise<Size> {
  clean();
  const limit = gib * 1024 - SYSTEM_MIB;
  SERVER.create(limit);
  EDGE.wiki.variables = { [CGROUP_VARIABLE]: SERVER.cgroup };
  const stop = watched();
  const began = Date.now();
  try {
    const side = await EDGE.start({ monitoring: { enabled: monitoring } });
    const started = (Date.now() - began) / 1000;
    images = { ...images, ...imagesOf(EDGE.wiki) };
    const rounds = [];
    for (const clients of CLIENTS) rounds.push(await load(side, { name: "page", path: PAGE }, clients, SECONDS * (clients > 10 ? 2 : 1)));
    const backup = Date.now();
    docker("exec", EDGE.wiki.container("backup"), "sh", "/etc/backup/backup.sh");
    return { gib, monitoring, limit, started, rounds, backup: (Date.now() - backup) / 1000, ended: ended(), peak: await stop() };
  } catch (error) {
    const failure = error instanceof Error ? error.message : `${error}`;
    process.stderr.write(`${failure}\n`);
    return { gib, monitoring, limit, rounds: [], ended: [], peak: await stop(), failure: failure.split("\n").find((line) => /fail|kill|memory|healthy/i.test(line)) ?? failure.split("\n")[0] }; // biome-ignore format: one thought
  }
}

describeUnless(missingForSmallServer(), "what a server carries", () => {
  beforeAll(clean);

  afterAll(async () => {
    const about = { images, seconds: SECONDS, system: SYSTEM_MIB, engine: docker("version", "--format", "{{.Server.Version}}") };
    if (sizes.length > 0) await writePart(sizesPart(sizes, about));
    clean();
  });

  test.each(SIZES)("$gib GiB, monitoring: $monitoring", async ({ gib, monitoring }) => {
    const one = await measure(gib, monitoring);
    process.stderr.write(`${JSON.stringify(one)}\n`);
    sizes.push(one);
  });
});
