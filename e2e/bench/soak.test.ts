import { within } from "../support/bounded";
import { docker } from "../support/deployment";
import { Edge } from "./edge";
import { memoryOf, stats } from "./engine-stats";
import { flag } from "./flags";
import { type Action, load, type Round } from "./load-generator";
import { imagesOf, writePart } from "./report";
import { type Moment, soakPart } from "./soak-report";

const EDGE = new Edge("bns", 18_167, 208);
const MINUTES = flag("minutes", 60);
/** Requests a second, of all clients together: what a busy wiki has, and not what this machine can answer at most. */
const RATE = flag("rate", 4);
const CLIENTS = 10;
const STEP_SECONDS = 20;
const PAGE = "/books/book-of-pages/page/page-1";

const moments: Moment[] = [];
const rounds: Round[] = [];
let images: Readonly<Record<string, string>> = {};
let starts: Readonly<Record<string, string>> = {};
let ended: readonly string[] | undefined;

beforeAll(() => {
  EDGE.clean();
  EDGE.write({ monitoring: { enabled: true } });
});

afterAll(async () => {
  const about = { minutes: MINUTES, rate: RATE, images, engine: docker("version", "--format", "{{.Server.Version}}") };
  if (moments.length > 0) await writePart(soakPart({ moments, rounds, ended }, about));
  EDGE.clean();
});

/** What is requested in turn, for a step each. */
const ACTIONS: readonly Action[] = [
  { name: "page", path: PAGE },
  { name: "search", path: "/search?term=text" },
  { name: "books", path: "/books" },
  { name: "asset", path: "/dist/styles.css" },
];

function services(): string[] {
  return EDGE.wiki.summary().containers.flatMap(({ kind, name }) => (kind === "service" ? [name] : []));
}

/** When each container was started: the engine keeps the number of its own restarts only. */
function startsOf(names: readonly string[]): Record<string, string> {
  const lines = docker("inspect", "--format", "{{.Name}} {{.State.StartedAt}}", ...names).split("\n");
  return Object.fromEntries(lines.map((line) => line.slice(1).split(" ") as [string, string]));
}

test(
  "memory of each container while people use the wiki for a long time",
  async () => {
    const side = await EDGE.start({ monitoring: { enabled: true } });
    images = imagesOf(EDGE.wiki);
    const names = services();
    starts = startsOf(names);
    const began = Date.now();
    for (let step = 0; Date.now() - began < MINUTES * 60_000; step++) {
      const one = await load(side, ACTIONS[step % ACTIONS.length] as Action, CLIENTS, STEP_SECONDS, RATE);
      rounds.push(one);
      for (const name of names) {
        const memory = memoryOf(await within(30, `the statistics of ${name}`, stats(name)));
        moments.push({ service: name.slice(EDGE.wiki.name.length + 1), minute: (Date.now() - began) / 60_000, memory });
      }
      process.stderr.write(`${JSON.stringify({ minute: (Date.now() - began) / 60_000, ...one })}\n`);
    }
    const now = startsOf(names);
    ended = names.filter((name) => now[name] !== starts[name]).map((name) => name.slice(EDGE.wiki.name.length + 1));
    expect(moments.length).toBeGreaterThan(0);
  },
  (MINUTES + 15) * 60_000,
);
