import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Credentials } from "../lib/cli/commands/credentials";
import { Deployment, docker, until } from "./support/deployment";
import { codeReady, makeToken, type PortalAnswer, type Site, token, Visitor } from "./support/portal";
import { RelyingParty } from "./support/relying-party";
import { type Attempts, pastTheEdge, tryStockAccount } from "./support/stock-account";

const HTTPS = 18_457;
const trial = new Deployment({ name: "aut", subnets: 212, http: 18_092, https: HTTPS, entry: join(__dirname, "support", "second-client.ts") });
const ALICE = { name: "alice", displayName: "Alice", email: "alice@wiki.localhost", groups: ["admin"] };
const BOB = { name: "bob", displayName: "Bob: O'Brien & Söhne", email: "bob@wiki.localhost", groups: ["editor"] };
const MALLORY = { name: "mallory", displayName: "Mallory", email: "mallory@wiki.localhost", groups: [] };
const ALL_USERS = { users: [ALICE, BOB, MALLORY] };
const PATIENT = { session: "1h", inactivity: "1h", tries: 5, banTime: "10m" };
const BAN_SECONDS = 12;
const SESSION_SECONDS = 24;
const INACTIVITY_SECONDS = 8;
/** The portal gives its cookie another name with each start. */
const isPortalCookie = (name: string) => name.startsWith("authelia_session");

let site: Site;
/** Attempts with the stock account during the first deploy. */
let stockAccount: Attempts;
/** An application beside the wiki, for administrators alone. */
let standIn: RelyingParty;
/** Name → secret of the device that makes one-time codes. */
const devices = new Map<string, string>();
/** Name → password in use. */
const passwords = new Map<string, string>();

function credentials(): Credentials {
  return JSON.parse(trial.must("credentials", "--json"));
}

function lastMessage(): string {
  return credentials().message ?? "";
}

function deploy(settings: Readonly<Record<string, unknown>>): string {
  trial.write({ signOn: {}, ...settings });
  return trial.must("deploy");
}

/** A new browser with a session of both factors; registers a device at the first time. */
async function signedOn(name: string): Promise<Visitor> {
  const visitor = new Visitor(site);
  const known = devices.get(name);
  if (known !== undefined) await codeReady(known);
  expect(await visitor.firstFactor(name, passwords.get(name) ?? "")).toBe(200);
  const device = known ?? (await visitor.enrol(lastMessage));
  devices.set(name, device);
  expect(await visitor.secondFactor(device)).toBe(200);
  return visitor;
}

/** Whether the portal lets the visitor through to the wiki. */
async function isIn(visitor: Visitor): Promise<boolean> {
  const { status, location } = await visitor.ask(visitor.url("bookstack", "/status"));
  return status === 200 && location === undefined;
}

async function sleep(seconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

beforeAll(async () => {
  trial.clean();
  trial.write({ ...ALL_USERS, signOn: PATIENT });
  const first = trial.commandInBackground("deploy");
  stockAccount = await tryStockAccount(trial, first);
  const { status, output } = await first;
  if (status !== 0) throw new Error(output);
  site = { domain: "wiki.localhost", port: HTTPS, ca: trial.must("ca") };
  for (const { name, password, changed } of credentials().users) {
    expect([name, changed]).toEqual([name, false]);
    passwords.set(name, password ?? "");
  }
  standIn = new RelyingParty(site, "standin", docker("exec", trial.container("bookstack"), "cat", "/run/secrets/oidc_standin_secret"));
});

afterAll(() => {
  trial.clean();
});

describe("the first deploy", () => {
  test("never admits the stock account, from the first second, neither through the portal nor past it", async () => {
    for (const attempts of [stockAccount.door, stockAccount.inside]) {
      expect(attempts[0]).toBe("nothing listens");
      expect(attempts.at(-1)).toBe("refused");
      expect(attempts).not.toContain("signed in");
    }
    expect(await pastTheEdge(trial).signIn("admin@admin.com", "password")).toBe(false);
  });
});

describe("without a session", () => {
  test("a browser is redirected to the portal, with the return URL", async () => {
    const visitor = new Visitor(site);
    const { status, location = "" } = await visitor.ask(visitor.url("bookstack", "/books?page=2"));
    expect([status, new URL(location).searchParams.get("rd")]).toEqual([302, visitor.url("bookstack", "/books?page=2")]);
    expect((await visitor.visit(location)).body).toContain(`<base href="${visitor.url("auth", "/")}"`);
  });

  test.each([
    ["an XHR", { headers: { "x-requested-with": "XMLHttpRequest" } }],
    ["a program", { headers: { accept: "application/json" } }],
    ["a form that a program sends", { method: "POST", form: { a: "b" }, headers: { accept: "application/json" } }],
  ])("%s gets 401", async (_, ask) => {
    const visitor = new Visitor(site);
    expect((await visitor.ask(visitor.url("bookstack", "/books"), ask)).status).toBe(401);
  });

  test.each([
    ["a password in a header", { authorization: `Basic ${Buffer.from("alice:anything").toString("base64")}` }],
    ["a forged name", { "remote-user": "alice", "remote-groups": "admin" }],
  ])("%s is worth nothing", async (_, headers) => {
    const visitor = new Visitor(site);
    expect((await visitor.ask(visitor.url("bookstack", "/"), { headers })).status).toBe(302);
  });

  test("the dashboard is as closed as the wiki", async () => {
    const visitor = new Visitor(site);
    expect((await visitor.ask(visitor.url("traefik", "/api/overview"))).status).toBe(302);
  });
});

describe("signing on", () => {
  let alice: Visitor;
  let bob: Visitor;

  // codes count once in half a minute: tests share a session where they leave it as it is
  beforeAll(async () => {
    alice = await signedOn("alice");
    bob = await signedOn("bob");
  });

  test("takes more than the password", async () => {
    const visitor = new Visitor(site);
    expect(await visitor.firstFactor("alice", passwords.get("alice") ?? "")).toBe(200);
    expect(await isIn(visitor)).toBe(false);
    const { status, location = "" } = await visitor.ask(visitor.url("bookstack", "/"));
    expect([status, location.startsWith(visitor.url("auth", "/"))]).toEqual([302, true]);
  });

  test("with two factors lands in BookStack as Admin, without another click", async () => {
    const landed = await alice.visit(alice.url("bookstack", "/"));
    expect([landed.status, landed.url]).toEqual([200, alice.url("bookstack", "/")]);
    expect(landed.body).toContain(ALICE.displayName);
    expect((await alice.ask(alice.url("bookstack", "/settings/features"))).status).toBe(200);
    expect((await alice.ask(alice.url("traefik", "/api/overview"))).status).toBe(200);
  });

  test("without the group makes no Admin, and shows no dashboard", async () => {
    expect((await bob.visit(bob.url("bookstack", "/"))).body).toContain("Bob: O&#039;Brien");
    expect((await bob.ask(bob.url("bookstack", "/settings/features"))).status).toBe(302);
    expect((await bob.ask(bob.url("bookstack", "/create-book"))).status).toBe(200);
    expect((await bob.ask(bob.url("traefik", "/api/overview"))).status).toBe(403);
  });

  test("lands in another application, too, without another word, and that one sees the groups", async () => {
    expect(await standIn.signIn(alice)).toMatchObject({ signedOn: { preferred_username: "alice", name: ALICE.displayName, groups: ["admin"] } });
  });

  test("lands in no application that is for another group", async () => {
    expect(await standIn.signIn(bob)).toEqual({ refused: "access_denied" });
  });

  test("with the password alone lands in no application", async () => {
    const visitor = new Visitor(site);
    await visitor.firstFactor("alice", passwords.get("alice") ?? "");
    expect(await standIn.signIn(visitor)).toEqual({ asked: expect.stringContaining(visitor.url("auth", "/")) });
  });

  test("gives an application a code that is valid once, for this application and this sign-in only", async () => {
    const fresh = () => standIn.code(alice);
    expect((await standIn.exchange((await fresh()).code, undefined)).status).toBe(400);
    expect((await standIn.exchange((await fresh()).code, "a".repeat(43))).status).toBe(400);
    const stolen = await fresh();
    expect((await standIn.exchange(stolen.code, stolen.verifier, "another secret")).status).toBe(401);
    const { code, verifier } = await fresh();
    expect([(await standIn.exchange(code, verifier)).status, (await standIn.exchange(code, verifier)).status]).toEqual([200, 400]);
  });

  test("leaves no form for a password at the wiki", async () => {
    const visitor = alice.copy();
    visitor.forget((name) => !isPortalCookie(name));
    const { body } = await visitor.ask(visitor.url("bookstack", "/login?prevent_auto_init=true"));
    expect(body).not.toContain('name="password"');
    const form = { _token: token(body), email: "first@wiki.localhost", password: credentials().administrator.password };
    await visitor.ask(visitor.url("bookstack", "/login"), { method: "POST", form });
    expect((await visitor.ask(visitor.url("bookstack", "/my-account/profile"))).status).toBe(302);
  });

  test("as another user in the same browser never shows the wiki of the first", async () => {
    const browser = await signedOn("alice");
    await browser.visit(browser.url("bookstack", "/"));
    // signs out at the portal alone: BookStack's cookie stays
    await browser.ask(browser.url("auth", "/api/logout"), { method: "POST", json: {} });
    browser.forget(isPortalCookie);
    browser.take(bob, isPortalCookie);
    const { body } = await browser.visit(browser.url("bookstack", "/"));
    expect([body.includes(ALICE.displayName), body.includes("Bob: O&#039;Brien")]).toEqual([false, true]);
  });
});

describe("signing out", () => {
  test("of the wiki ends the sessions of wiki and portal, lets no other application go on, and puts no token into a URL", async () => {
    const alice = await signedOn("alice");
    await alice.visit(alice.url("bookstack", "/"));
    expect(await standIn.signIn(alice)).toHaveProperty("signedOn");
    const location = (await alice.signOut()) ?? "";
    const page = new URL(location);
    expect([page.origin, page.pathname, page.searchParams.get("rd"), page.searchParams.get("id_token_hint")]).toEqual([
      new URL(alice.url("auth")).origin,
      "/logout",
      alice.url("bookstack", "/"),
      null,
    ]);
    // what the page does that the browser is redirected to
    const { body } = await alice.ask(alice.url("auth", "/api/logout"), { method: "POST", json: { targetURL: page.searchParams.get("rd") } });
    expect(JSON.parse(body).data).toEqual({ safeTargetURL: true });
    expect(await isIn(alice)).toBe(false);
    // another application would have to ask, and cannot: the user sees the portal's form
    expect(await standIn.signIn(alice)).toEqual({ asked: expect.stringContaining(alice.url("auth", "/")) });
    expect((await alice.ask(alice.url("traefik", "/api/overview"))).status).toBe(302);
    // and the session of the wiki has ended, too
    alice.take(await signedOn("bob"), isPortalCookie);
    expect((await alice.ask(alice.url("bookstack", "/my-account/profile"))).location).toBe(alice.url("bookstack", "/login"));
  });
});

describe("BookStack's API", () => {
  let alice: Visitor;
  beforeAll(async () => {
    alice = await signedOn("alice");
    await alice.visit(alice.url("bookstack", "/"));
  });

  test("answers to a token without the portal, and to nothing else", async () => {
    const authorization = `Token ${await makeToken(alice)}`;
    const visitor = new Visitor(site);
    expect((await visitor.ask(visitor.url("bookstack", "/api/books"), { headers: { authorization } })).status).toBe(200);
    const wrong = { authorization: `${authorization.slice(0, -4)}zzzz` };
    expect((await visitor.ask(visitor.url("bookstack", "/api/books"), { headers: wrong })).status).toBe(401);
    // with all cookies, the wiki's own included: the portal does not ask here, so these must not count
    expect((await alice.ask(alice.url("bookstack", "/api/books"))).status).toBe(401);
    expect((await alice.ask(alice.url("bookstack", "/my-account/profile"))).status).toBe(200);
  });

  test.each([
    "/api",
    "/api/docs",
    "/api/docs.json",
    "/api/docs/",
    "/api/nothing",
    "/api//books",
    "/api/../books",
    "/api/%2e%2e/books",
    "/api/..%2fbooks",
    "/api/./books",
    "//api/books",
    "/api/books/..;/books",
    "/api;/books",
    "/API/books",
    "/index.php/api/books",
    "/api/books?x=/../../books",
  ])("requires a session of the portal at %s", async (path) => {
    const stale = alice.copy();
    stale.forget(isPortalCookie);
    const { status, location = "", headers } = await stale.ask(stale.url("bookstack", path));
    const refused = status === 401 || status === 400 || status === 404 || (status === 302 && location.startsWith(alice.url("auth", "/")));
    const replaced = [headers["set-cookie"] ?? []].flat().some((cookie) => cookie.startsWith("bookstack_session="));
    expect({ status, refused, replaced }).toEqual({ status, refused: true, replaced: false });
  });
});

describe("without an answer of the portal", () => {
  const portal = trial.container("authelia");
  /** Longest that Traefik waits for a guard. */
  const GUARD_SECONDS = 30;
  /** Longest that Traefik waits for a page of the portal. */
  const PAGE_SECONDS = 20;
  const NOTICED_SECONDS = 17;
  let alice: Visitor;
  let authorization: string;

  beforeAll(async () => {
    alice = await signedOn("alice");
    await alice.visit(alice.url("bookstack", "/"));
    authorization = `Token ${await makeToken(alice)}`;
    expect(await open()).toEqual([302, 200, 200, 200]);
  });

  // whatever failed: the tests that follow need the portal
  afterAll(() => {
    spawnSync("docker", ["unpause", portal], { stdio: "ignore" });
    spawnSync("docker", ["start", portal], { stdio: "ignore" });
  });

  /** Protected resources: without a session, with a session, and with a token. All are requested at once. */
  function askGuarded(): Promise<PortalAnswer[]> {
    const stranger = new Visitor(site);
    return Promise.all([
      stranger.ask(alice.url("bookstack", "/")),
      alice.ask(alice.url("bookstack", "/books")),
      alice.ask(alice.url("traefik", "/api/overview")),
      stranger.ask(alice.url("bookstack", "/api/books"), { headers: { authorization } }),
    ]);
  }

  async function open(): Promise<number[]> {
    return (await askGuarded()).map(({ status }) => status);
  }

  /** Status and size: a refusal that has nothing of the wiki is empty. */
  function shown(answers: readonly PortalAnswer[]): Array<readonly [status: number, length: number]> {
    return answers.map(({ status, body }) => [status, body.length]);
  }

  const REFUSED = [500, 0] as const;
  const ALL_REFUSED = [REFUSED, REFUSED, REFUSED, REFUSED];

  async function since(work: () => Promise<unknown>): Promise<number> {
    const began = Date.now();
    await work();
    return (Date.now() - began) / 1000;
  }

  test("that is stopped, all it guards is refused at once, tokens too, until it is back", async () => {
    docker("stop", portal);
    let answers: PortalAnswer[] = [];
    expect(await since(async () => (answers = await askGuarded()))).toBeLessThan(1);
    expect(shown(answers)).toEqual(ALL_REFUSED);
    expect([502, 503]).toContain((await alice.ask(alice.url("auth", "/"))).status);
    // nothing worth guarding: no guard is asked
    expect((await alice.ask(alice.url("bookstack", "/dist/app.js"))).status).toBe(200);

    docker("start", portal);
    await until(async () => (await new Visitor(site).ask(alice.url("bookstack", "/"))).status === 302, 60, "the portal is back");
    await until(async () => (await alice.ask(alice.url("auth", "/"))).status === 200, NOTICED_SECONDS, "its pages are shown again");
    // sessions are in its memory: users sign in again
    expect(await open()).toEqual([302, 302, 302, 200]);
    alice = await signedOn("alice");
    expect(await isIn(alice)).toBe(true);
  });

  test("that hangs, its own pages and all it guards are refused once Traefik has waited, until it goes on", async () => {
    docker("pause", portal);
    const page = async (): Promise<number> => (await new Visitor(site).ask(alice.url("auth", "/"))).status;
    expect(await since(async () => expect(await page()).toBe(504))).toBeLessThan(PAGE_SECONDS + 5);
    let answers: PortalAnswer[] = [];
    const seconds = await since(async () => (answers = await askGuarded()));
    expect(shown(answers)).toEqual(ALL_REFUSED);
    expect(seconds).toBeGreaterThan(GUARD_SECONDS / 2);
    expect(seconds).toBeLessThan(GUARD_SECONDS + 5);

    docker("unpause", portal);
    await until(async () => (await new Visitor(site).ask(alice.url("bookstack", "/"))).status === 302, 30, "the portal goes on");
    await until(async () => (await page()) === 200, NOTICED_SECONDS, "its pages are shown again");
    expect(await isIn(alice)).toBe(true);
  });
});

describe("a password", () => {
  test("that a person has changed survives a deploy, and is no longer shown", async () => {
    const bob = await signedOn("bob");
    const first = passwords.get("bob") ?? "";
    const chosen = "a passphrase of Bob's own";
    await bob.changePassword("bob", first, chosen, lastMessage);
    expect(credentials().users.find(({ name }) => name === "bob")?.changed).toBe(true);
    deploy({ users: [ALICE, { ...BOB, displayName: "Robert" }, MALLORY], signOn: PATIENT });
    const again = new Visitor(site);
    expect(await again.firstFactor("bob", first)).toBe(401);
    expect(await again.firstFactor("bob", chosen)).toBe(200);
    passwords.set("bob", chosen);
    expect(docker("exec", trial.container("authelia"), "cat", "/data/users_database.yml")).toContain("Robert");
    const [unchanged] = credentials().users;
    expect(unchanged).toEqual({ name: "alice", email: ALICE.email, password: passwords.get("alice"), changed: false });
  });

  test("of a removed user gives no access any more", async () => {
    const mallory = await signedOn("mallory");
    await mallory.visit(mallory.url("bookstack", "/"));
    expect(await isIn(mallory)).toBe(true);
    deploy({ users: [ALICE, BOB], signOn: PATIENT });
    expect(await isIn(mallory)).toBe(false);
    expect(await new Visitor(site).firstFactor("mallory", passwords.get("mallory") ?? "")).toBe(401);
    expect(await new Visitor(site).firstFactor("alice", passwords.get("alice") ?? "")).toBe(200);
  });

  test("needs no deploy twice: a plan changes nothing", () => {
    expect(trial.command("plan", "--detailed-exitcode").status).toBe(0);
  });
});

describe("a file of users that cannot be read", () => {
  const database = "/data/users_database.yml";
  const inside = (script: string) => docker("exec", trial.container("authelia"), "sh", "-c", script);

  test("is left as it is, and the wiki opens by breaking the glass", async () => {
    inside(`cp ${database} /data/kept && printf 'users: [not, what, it, was' > ${database}`);
    trial.write({ users: [ALICE], signOn: PATIENT });
    const { status, stdout } = trial.command("deploy");
    expect([status === 0, stdout]).toEqual([false, expect.stringContaining("cannot be understood; it is left as it is")]);

    trial.write({ users: [ALICE], signOn: { ...PATIENT, breakGlass: true } });
    expect(trial.command("deploy").status).not.toBe(0);
    const visitor = new Visitor(site);
    const { email, password } = credentials().administrator;
    const { body } = await visitor.ask(visitor.url("bookstack", "/login"));
    await visitor.ask(visitor.url("bookstack", "/login"), { method: "POST", form: { _token: token(body), email, password } });
    expect((await visitor.ask(visitor.url("bookstack", "/settings/features"))).status).toBe(200);
    // so an attempt that is taken would have been seen during the first deploy
    expect(await pastTheEdge(trial).signIn(email, password)).toBe(true);

    const volume = `type=volume,source=${trial.name}-authelia,target=/data`;
    const image = JSON.parse(docker("inspect", trial.container("bookstack")))[0].Image;
    const broken = docker("run", "--rm", "--network=none", "--user=1000:1000", "--mount", volume, "--entrypoint=cat", image, database);
    expect(broken).toBe("users: [not, what, it, was");
    docker("run", "--rm", "--network=none", "--user=1000:1000", "--mount", volume, "--entrypoint=mv", image, "/data/kept", database);
    deploy({ users: [ALICE, BOB], signOn: PATIENT });
    const closed = await visitor.ask(visitor.url("bookstack", "/settings/features"));
    expect([closed.status, closed.location?.startsWith(visitor.url("auth", "/"))]).toEqual([302, true]);
    expect(await new Visitor(site).firstFactor("bob", passwords.get("bob") ?? "")).toBe(200);
  });
});

describe("limits, shortened", () => {
  beforeAll(() =>
    deploy({ users: [ALICE, BOB], signOn: { session: `${SESSION_SECONDS}s`, inactivity: `${INACTIVITY_SECONDS}s`, tries: 5, banTime: `${BAN_SECONDS}s` } }),
  );

  test("a sixth try is in vain after five wrong passwords, even with the right one, until the ban is over", async () => {
    const right = passwords.get("bob") ?? "";
    for (let count = 1; count <= 5; count++) expect(await new Visitor(site).firstFactor("bob", `wrong ${count}`)).toBe(401);
    expect(await new Visitor(site).firstFactor("bob", right)).toBe(401);
    expect(await new Visitor(site).firstFactor("alice", passwords.get("alice") ?? "")).toBe(200);
    await sleep(BAN_SECONDS + 1);
    expect(await new Visitor(site).firstFactor("bob", right)).toBe(200);
  });

  test("an automatically saved draft counts as activity, and without any request the session ends", async () => {
    const alice = await signedOn("alice");
    // BookStack saves a draft every 30 s; here within the shortened time of inactivity
    const draft = () =>
      alice.ask(alice.url("bookstack", "/ajax/page/1/save-draft"), { method: "PUT", json: {}, headers: { "x-requested-with": "XMLHttpRequest" } });
    const pause = INACTIVITY_SECONDS * 0.75;
    for (let count = 0; count < 2; count++) {
      await sleep(pause);
      // refused by BookStack, which knows no such page, and not by the portal
      expect([404, 419]).toContain((await draft()).status);
    }
    await sleep(INACTIVITY_SECONDS + 2);
    expect((await draft()).status).toBe(401);
  });

  test("a session ends when its time is over, whatever its person does", async () => {
    const alice = await signedOn("alice");
    const began = Date.now();
    let lasted = 0;
    while (await isIn(alice)) {
      lasted = (Date.now() - began) / 1000;
      if (lasted > 3 * SESSION_SECONDS) break;
      await sleep(0.3);
    }
    expect(lasted).toBeGreaterThan(SESSION_SECONDS / 2);
    expect(lasted).toBeLessThan(SESSION_SECONDS + 1);
  });
});

describe("what the portal is given", () => {
  test("is accepted by its own check", () => {
    expect(docker("exec", trial.container("authelia"), "authelia", "config", "validate")).toContain("without errors");
  });

  test("lies in files, and nowhere else", async () => {
    const names = trial.container("authelia");
    const secrets = docker(
      "exec",
      names,
      "sh",
      "-c",
      "cd /run/secrets; for f in authelia_storage_key authelia_session_secret oidc_hmac_secret oidc_bookstack_hash oidc_signing_key; do cat $f | tail -c 300 | head -c 90; echo; done",
    )
      .split("\n")
      .filter((line) => line.length > 40);
    secrets.push(docker("exec", trial.container("bookstack"), "cat", "/run/secrets/oidc_bookstack_secret"));
    secrets.push(...[...passwords.values()], ...[...devices.values()]);
    const database = docker("exec", names, "cat", "/data/users_database.yml");
    secrets.push(...(database.match(/\$argon2id\$[^"\s]+/g) ?? []));
    expect(secrets.length).toBeGreaterThan(10);

    const label = `label=secure-bookstack.namespace=${trial.name}`;
    const containers = docker("ps", "--all", "--quiet", "--filter", label).split("\n");
    const volumes = docker("volume", "ls", "--quiet", "--filter", label).split("\n");
    const plan = "terraform plan -input=false -lock=false -out=plan.bin >/dev/null && terraform show -json plan.bin; rm -f plan.bin";
    const places = {
      plan: spawnSync("sh", ["-c", plan], { cwd: trial.stackDirectory(), encoding: "utf8", maxBuffer: 256 * 2 ** 20 }).stdout,
      "written plan": readFileSync(`${trial.stackDirectory()}/cdk.tf.json`, "utf8"),
      state: readFileSync(trial.stateFile(), "utf8"),
      inspect: docker("inspect", ...containers),
      volumes: docker("volume", "inspect", ...volumes),
      logs: containers
        .map((id) => spawnSync("docker", ["logs", id], { encoding: "utf8" }))
        .map(({ stdout, stderr }) => stdout + stderr)
        .join("\n"),
      "log of the portal": docker("exec", names, "cat", "/var/log/authelia/authelia.log"),
      "access log": docker("exec", trial.container("traefik"), "cat", "/var/log/traefik/access.log"),
    };
    const digests = (found: readonly string[]) => found.map((secret) => createHash("sha256").update(secret).digest("hex").slice(0, 8));
    for (const [place, text] of Object.entries(places)) {
      expect([place, text.length > 100, digests(secrets.filter((secret) => text.includes(secret)))]).toEqual([place, true, []]);
    }
  });

  test("its log can be read by CrowdSec", () => {
    expect(docker("exec", trial.container("authelia"), "stat", "-c", "%a %u", "/var/log/authelia/authelia.log")).toBe("644 1000");
  });
});
