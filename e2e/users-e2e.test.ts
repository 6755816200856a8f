import { spawnSync } from "node:child_process";
import type { Credentials } from "../lib/cli/commands/credentials";
import { Deployment, docker } from "./support/deployment";
import { codeReady, makeToken, type PortalAnswer, type Site, token, Visitor } from "./support/portal";

const HTTPS = 18_156;
const trial = new Deployment({ name: "usr", subnets: 239, http: 18_195, https: HTTPS });
const at = (name: string) => `${name}@wiki.localhost`;
const ALICE = { name: "alice", displayName: "Alice", email: at("alice"), groups: ["admin"] };
const BOB = { name: "bob", displayName: "Bob", email: at("bob"), groups: ["editor"] };
const CAROL = { name: "carol", displayName: "Carol Miller", email: at("carol"), groups: ["editor"] };
const DAVE = { name: "dave", displayName: "Dave", email: at("info"), groups: ["admin"] };
const SIGN_ON = { session: "1h", inactivity: "1h", tries: 20, banTime: "10m" };

/** An account as BookStack's API shows it to administrators. */
interface Account {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly external_auth_id: string;
}

let site: Site;
/** Name → secret of the device that makes one-time codes. */
const devices = new Map<string, string>();
const passwords = new Map<string, string>();
/** API tokens of administrators. */
const tokens = new Map<string, string>();
/** Accounts of before any change, by name. */
let before: Record<string, Account>;

function credentials(): Credentials {
  return JSON.parse(trial.must("credentials", "--json"));
}

function deploy(users: readonly object[]): void {
  trial.write({ users, signOn: SIGN_ON });
  trial.must("deploy");
  for (const { name, password } of credentials().users) if (password !== undefined && !passwords.has(name)) passwords.set(name, password);
}

/** A device for one-time codes, as an administrator creates one: the portal limits registration by users to three in five minutes. */
function enrolled(name: string): string {
  const output = docker("exec", trial.container("authelia"), "authelia", "storage", "user", "totp", "generate", name);
  const secret = /[?&]secret=([A-Z2-7]+)/.exec(output)?.[1];
  if (secret === undefined) throw new Error(`no device for ${name}: ${output}`);
  return secret;
}

/** A new browser whose user has signed in with both factors, and opened the wiki. */
async function signedIn(name: string): Promise<{ readonly visitor: Visitor; readonly landed: PortalAnswer }> {
  const visitor = new Visitor(site);
  const known = devices.get(name);
  if (known !== undefined) await codeReady(known);
  expect([name, await visitor.firstFactor(name, passwords.get(name) ?? "")]).toEqual([name, 200]);
  const device = known ?? enrolled(name);
  devices.set(name, device);
  expect([name, await visitor.secondFactor(device)]).toEqual([name, 200]);
  return { visitor, landed: await visitor.visit(visitor.url("bookstack", "/")) };
}

async function api(name: string, path: string): Promise<{ readonly status: number; readonly body: string }> {
  const visitor = new Visitor(site);
  return visitor.ask(visitor.url("bookstack", path), { headers: { authorization: `Token ${tokens.get(name)}` } });
}

/** Every account that belongs to a user, by the name that it has in the environment file. */
async function accounts(as: string): Promise<Record<string, Account>> {
  const { status, body } = await api(as, "/api/users?count=100");
  expect(status).toBe(200);
  const ids: number[] = JSON.parse(body).data.map(({ id }: Account) => id);
  const found: Record<string, Account> = {};
  for (const id of ids) {
    const account: Account = JSON.parse((await api(as, `/api/users/${id}`)).body);
    if (account.external_auth_id !== "") found[account.external_auth_id] = account;
  }
  return found;
}

/** Runs the job's program with another list, on the wiki's own database, as `deploy` would. */
function sync(users: readonly object[]): { readonly status: number | null; readonly output: string } {
  const list = JSON.stringify(users.map((user) => ({ previousNames: [], ...user })));
  const image = JSON.parse(docker("inspect", trial.container("bookstack-users")))[0];
  const mounts = image.HostConfig.Mounts.flatMap(({ Source, Target }: Record<string, string>) => [
    "--mount",
    `type=volume,source=${Source},target=${Target},readonly`,
  ]);
  const environment = image.Config.Env.flatMap((line: string) => ["--env", line]);
  const memory = Object.entries(image.HostConfig.Tmpfs).flatMap(([path, options]) => ["--tmpfs", `${path}:${options}`]);
  const hosts = image.HostConfig.ExtraHosts.flatMap((line: string) => ["--add-host", line]);
  const script = "cat > /tmp/users.json && exec sh /etc/bookstack/entrypoint.sh php /etc/bookstack/sync-users.php /tmp/users.json";
  const { status, stdout, stderr } = spawnSync(
    "docker",
    [
      "run",
      "--rm",
      "--interactive",
      "--name",
      `${trial.name}-sync`,
      "--user",
      "1000:1000",
      "--network",
      `${trial.name}-database`,
      ...mounts,
      ...environment,
      ...hosts,
      ...memory,
      "--entrypoint",
      "sh",
      image.Image,
      "-c",
      script,
    ],
    { input: list, encoding: "utf8" },
  );
  return { status, output: stdout + stderr };
}

beforeAll(async () => {
  trial.clean();
  deploy([ALICE, BOB, CAROL, DAVE]);
  site = { domain: "wiki.localhost", port: HTTPS, ca: trial.must("ca") };
  for (const { name } of [ALICE, DAVE]) {
    const { visitor } = await signedIn(name);
    tokens.set(name, await makeToken(visitor));
  }
  for (const { name } of [BOB, CAROL]) {
    const { visitor } = await signedIn(name);
    const book = { _token: token((await visitor.ask(visitor.url("bookstack", "/create-book"))).body), name: `Book of ${name}` };
    expect((await visitor.ask(visitor.url("bookstack", "/books"), { method: "POST", form: book })).status).toBe(302);
  }
  before = await accounts("alice");
});

afterAll(() => trial.clean());

test("an account is known by the name in the environment file", () => {
  const shown = Object.entries(before).map(([name, { email, name: displayName }]) => [name, email, displayName]);
  expect(shown.sort()).toEqual([ALICE, BOB, CAROL, DAVE].map(({ name, email, displayName }) => [name, email, displayName]));
});

test("a second deploy changes nothing", () => {
  expect(trial.command("plan", "--detailed-exitcode").status).toBe(0);
});

describe("after a change of users", () => {
  const ERIN = { name: "erin", displayName: "Erin", email: DAVE.email, groups: ["editor"] };
  const CARLA = { ...CAROL, name: "carla.jones-m", displayName: "Carla Jones", previousNames: ["carol"] };
  let now: Record<string, Account>;

  beforeAll(async () => {
    const started = docker("inspect", "--format", "{{.State.StartedAt}}", trial.container("bookstack"));
    // alice gets another address and bob her old one, carol another name, dave leaves, and erin gets his address
    deploy([{ ...ALICE, displayName: "Alice B.", email: at("alice.b") }, { ...BOB, email: ALICE.email }, CARLA, ERIN]);
    expect(docker("inspect", "--format", "{{.State.StartedAt}}", trial.container("bookstack"))).toBe(started);
    now = await accounts("alice");
  });

  test("a changed e-mail address and displayed name are applied to the account before the next sign-in", () => {
    expect(now.alice).toMatchObject({ id: before.alice?.id, email: at("alice.b"), name: "Alice B." });
    expect(now.bob).toMatchObject({ id: before.bob?.id, email: ALICE.email });
  });

  test("a renamed user has the same account and password, with another name", async () => {
    expect(now["carla.jones-m"]).toMatchObject({ id: before.carol?.id, email: CAROL.email, name: "Carla Jones" });
    expect(now).not.toHaveProperty("carol");
    passwords.set("carla.jones-m", passwords.get("carol") ?? "");
    const { visitor, landed } = await signedIn("carla.jones-m");
    expect([landed.status, landed.body.includes("Carla Jones")]).toEqual([200, true]);
    // her own book: editors may change the permissions of what they own alone
    const { body } = await visitor.ask(visitor.url("bookstack", "/books/book-of-carol"));
    expect(body).toContain("Carla Jones");
  });

  test("a removed user keeps the account and content, without the address and without a working API token", async () => {
    expect(now.dave).toMatchObject({ id: before.dave?.id, name: "Dave", email: "dave@removed.invalid" });
    expect((await api("dave", "/api/books")).status).toBe(403);
    expect((await api("alice", "/api/books")).status).toBe(200);
  });

  test("a new user with the address of a removed user gets a new account", async () => {
    const { landed } = await signedIn("erin");
    expect([landed.status, landed.body.includes("Erin")]).toEqual([200, true]);
    const { erin, dave } = await accounts("alice");
    expect([erin?.email, erin?.id === dave?.id]).toEqual([DAVE.email, false]);
  });

  test("a user who is added again gets the old account back, and its API token works again", async () => {
    deploy([ALICE, { ...DAVE, email: at("dave") }]);
    const { landed } = await signedIn("dave");
    expect([landed.status, landed.body.includes("Dave")]).toEqual([200, true]);
    expect((await accounts("alice")).dave).toMatchObject({ id: before.dave?.id, email: at("dave") });
    expect((await api("dave", "/api/books")).status).toBe(200);
  });

  test("a user who is no administrator any more has no administrator API access, before signing in again", async () => {
    expect(sync([ALICE, { ...DAVE, email: at("dave"), groups: ["viewer"] }])).toMatchObject({ status: 0, output: expect.stringContaining("dave: roles") });
    expect((await api("dave", "/api/users")).status).toBe(403);
    expect(sync([ALICE, { ...DAVE, email: at("dave") }]).status).toBe(0);
    expect((await api("dave", "/api/users")).status).toBe(200);
  });
});

describe("an account of another user", () => {
  test("is never given to a user with its address: an administrator must assign it", async () => {
    const made = await new Visitor(site).ask(new Visitor(site).url("bookstack", "/api/users"), {
      method: "POST",
      json: { name: "By hand", email: at("hand") },
      headers: { authorization: `Token ${tokens.get("alice")}` },
    });
    expect(made.status).toBe(200);
    const renamed = { ...DAVE, email: at("hand") };
    expect(sync([ALICE, renamed])).toMatchObject({ status: 0, output: expect.stringContaining("dave keeps the former e-mail address") });
    expect((await accounts("alice")).dave).toMatchObject({ email: at("dave") });
  });

  test("is not merged with that of a renamed user who already has one", async () => {
    const renamed = { ...ALICE, name: "erin", email: at("e"), previousNames: ["alice"] };
    const { status, output } = sync([renamed]);
    expect([status, output]).toEqual([1, expect.stringContaining("erin was alice before, and both have an account in the wiki")]);
    expect((await accounts("alice")).alice).toMatchObject({ id: before.alice?.id, email: ALICE.email });
  });

  test("of before names counted is found by the portal's own ID of the user, once", async () => {
    const file = "/data/identifiers.yml";
    docker("exec", trial.container("authelia"), "sh", "-c", `rm -f ${file}; authelia storage user identifiers export --file ${file}`);
    const written = docker("exec", trial.container("authelia"), "cat", file);
    const sub = /identifier: ([0-9a-f-]{36})/.exec(written.split(/^ {2,4}- /m).find((part) => /username: dave$/m.test(part)) ?? "")?.[1] ?? "";
    expect(sub).toMatch(/^[0-9a-f-]{36}$/);
    const id = before.dave?.id;
    const changed = await new Visitor(site).ask(new Visitor(site).url("bookstack", `/api/users/${id}`), {
      method: "PUT",
      json: { external_auth_id: sub },
      headers: { authorization: `Token ${tokens.get("alice")}` },
    });
    expect(changed.status).toBe(200);
    expect(sync([ALICE, DAVE]).output).toContain("accounts that are recognized at the next sign-in of their users: 1");
    expect((await signedIn("dave")).landed.status).toBe(200);
    expect((await accounts("alice")).dave).toMatchObject({ id });
  });
});
