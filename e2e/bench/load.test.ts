import { docker, until } from "../support/deployment";
import { token } from "../support/portal";
import { ask } from "./ask";
import { BareWiki } from "./bare";
import { Edge, SEED } from "./edge";
import { flag } from "./flags";
import { type Action, load, type Round, type Side } from "./load-generator";
import { loadPart } from "./load-report";
import { type Spent, spent } from "./processor";
import { cpuBusy, imagesOf, writePart } from "./report";
import { signInRounds } from "./sign-in";
import { Walls } from "./walls";

/** Users who sign in. */
const USERS = flag("users", 6);
const EDGE = new Edge("bch", 18_197, 207, USERS);
const BARE = new BareWiki("bch-bare", 18_199, 203);
const WALL = new Walls(EDGE);
const SECONDS = flag("seconds", 8);
const ROUNDS = flag("rounds", 3);
const CLIENTS = [1, 10, 50] as const;
const PAGE = "/books/book-of-pages/page/page-1";
const FORM = "application/x-www-form-urlencoded";

const rounds: Round[] = [];
const walls: Round[] = [];
const processor: Spent[] = [];
const busy: number[] = [];
let sides: readonly Side[] = [];

beforeAll(async () => {
  BARE.remove();
  WALL.remove();
  EDGE.clean();
  const edge = await EDGE.start();
  await BARE.start(SEED);
  sides = [edge, await BARE.side()];
  // what is compiled and cached at the first requests is not measured
  for (const side of sides) for (const path of [PAGE, "/search?term=text"]) await load(side, { name: "warm-up", path }, 10, 3);
});

afterAll(() => {
  BARE.remove();
  WALL.remove();
  EDGE.clean();
});

/** One round of each side, in turn; the side that begins changes. */
async function alternate(actions: (side: Side) => Action, clients: number, count: number, among = sides, into = rounds): Promise<void> {
  for (let round = 0; round < count; round++) {
    const turn = round % 2 === 0 ? among : [...among].reverse();
    for (const side of turn) {
      const before = cpuBusy();
      // many clients wait long for each answer: more time, or there are none to count
      const one = await load(side, actions(side), clients, clients > 10 ? 2 * SECONDS : SECONDS);
      busy.push(before());
      process.stderr.write(`${JSON.stringify(one)}\n`);
      into.push(one);
      if (one.perSecond === 0) throw new Error(`no good answer of ${side.name} to ${one.action} with ${clients} clients: ${JSON.stringify(one.errors)}`);
    }
  }
}

const get = (name: string, path: string) => () => ({ name, path });

/** Form fields that both need: a token that belongs to the session. */
async function tokenOf(side: Side): Promise<string> {
  const headers = { ...side.headers, accept: "text/html", "x-forwarded-for": "198.51.100.1" };
  const form = await ask({ url: `${side.url}${PAGE}/edit`, headers, servername: side.servername });
  const found = token(form.text);
  if (found === "") throw new Error(`no token in the form of ${side.name}: ${form.status}`);
  return found;
}

test.each(CLIENTS)("wiki page with %d clients", (clients) => alternate(get("page", PAGE), clients, ROUNDS));

test("asset and search with 10 clients", async () => {
  await alternate(get("asset", "/dist/styles.css"), 10, Math.min(2, ROUNDS));
  await alternate(get("search", "/search?term=text"), 10, Math.min(2, ROUNDS));
});

test("processor time of a page, by container", async () => {
  const [edge, bare] = sides as readonly [Side, Side];
  const names = ["traefik", "authelia", "crowdsec", "bookstack", "bookstack-db"];
  const ours = Object.fromEntries(names.map((name) => [name, EDGE.wiki.container(name)]));
  for (let round = 0; round < Math.min(2, ROUNDS); round++) {
    processor.push(...(await spent(edge, ours, get("page", PAGE)(), 2, SECONDS)));
    processor.push(...(await spent(bare, BARE.containers, get("page", PAGE)(), 2, SECONDS)));
  }
  process.stderr.write(`${JSON.stringify(processor)}\n`);
});

test("what each wall costs", async () => {
  const [edge, bare] = sides as readonly [Side, Side];
  const chain = WALL.start(edge);
  const last = chain.at(-1) as Side;
  await until(async () => (await load(last, get("page", PAGE)(), 1, 3)).perSecond > 0, 60, "the second Traefik answers");
  await alternate(get("page", PAGE), 10, Math.min(2, ROUNDS), [bare, ...chain], walls);
});

// after all that opens the page: each upload makes it longer
test("save and upload with 10 clients", async () => {
  const tokens = new Map<Side, string>();
  for (const side of sides) tokens.set(side, await tokenOf(side));
  const save = (side: Side): Action => {
    const body = new URLSearchParams({ _method: "PUT", _token: tokens.get(side) ?? "", name: "Page 1", html: "<p>text</p>", summary: "bench" });
    return { name: "save", path: PAGE, method: "POST", body: `${body}`, headers: { "content-type": FORM }, status: 302, location: PAGE };
  };
  const upload = (side: Side): Action => {
    const fields = [
      `name="_token"\r\n\r\n${tokens.get(side)}`,
      `name="uploaded_to"\r\n\r\n${PAGE_ID}`,
      `name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n${"text ".repeat(4000)}`,
    ];
    const body = `${fields.map((field) => `--bench\r\nContent-Disposition: form-data; ${field}\r\n`).join("")}--bench--\r\n`;
    return { name: "upload", path: "/attachments/upload", method: "POST", body, headers: { "content-type": "multipart/form-data; boundary=bench" } };
  };
  await alternate(save, 10, Math.min(2, ROUNDS));
  await alternate(upload, 10, Math.min(2, ROUNDS));
});

test("sign-in, one user after the other and all at once", async () => {
  for (const one of await signInRounds(EDGE, await EDGE.others(), BARE)) {
    process.stderr.write(`${JSON.stringify(one)}\n`);
    rounds.push(one);
  }
});

/** Id of the page that `SEED` makes in an empty wiki. */
const PAGE_ID = 2;

afterAll(async () => {
  if (rounds.length === 0) return;
  const part = loadPart(rounds, walls, processor, {
    seconds: SECONDS,
    images: imagesOf(EDGE.wiki),
    engine: docker("version", "--format", "{{.Server.Version}}"),
    busy,
  });
  await writePart(part);
});
