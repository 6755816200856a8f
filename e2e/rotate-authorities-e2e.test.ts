import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Credentials } from "../lib/cli/commands/credentials";
import { Person } from "./faults/person";
import { Deployment, docker, killGroup, succeeded, until } from "./support/deployment";

/** Certificate authorities are rotated while users read and write. */
const WIKI = new Deployment({ name: "cas", http: 18_294, https: 18_295, subnets: 207 });
const USERS = ["demo", "second"].map((name) => ({ name, displayName: name, email: `${name}@wiki.localhost`, groups: ["admin"] }));
const people: Person[] = [];
const seen: Record<string, object> = {};
/** What the devices of users trust. */
const devices = { domain: "wiki.localhost", port: WIKI.https, ca: "" };
let old: string;
let next: string;

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
const certificates = (text: string) => text.match(PEM) ?? [];

/** What a service has of an authority. */
const authorities = (service: string, name: string) => certificates(docker("exec", WIKI.container(service), "cat", `/run/secrets/${name}.crt`));

function stored(): string[] {
  const image = docker("inspect", "--format", "{{.Image}}", WIKI.container("secrets"));
  const mount = `--mount=type=volume,source=${WIKI.name}-secrets,target=/s,readonly`;
  return docker("run", "--rm", "--network=none", "--user=0:0", "--log-driver=none", mount, "--entrypoint=ls", image, "-A", "/s").split("\n");
}

/** The certificate that the reverse proxy shows to a device that trusts `ca` alone: "ok", or why it is not accepted. */
function device(ca: string): string {
  const url = `https://bookstack.wiki.localhost:${WIKI.https}/login`;
  const script = 'file=$(mktemp); cat >"$file"; curl -sS -o /dev/null -w "ok" --cacert "$file" --resolve "$2" "$1" 2>&1; rm "$file"';
  const { stdout } = spawnSync("sh", ["-c", script, "sh", url, `bookstack.wiki.localhost:${WIKI.https}:127.0.0.1`], { input: ca, encoding: "utf8" });
  return stdout;
}

/** Runs a rotation while users read and write; notes what they saw. */
async function rotate(kind: string, ...args: readonly string[]): Promise<string> {
  const began = Date.now();
  const { status, output } = await WIKI.commandInBackground("rotate", ...args);
  const seconds = Math.round((Date.now() - began) / 1000);
  await pause(3000);
  const during = people.map(({ samples }) => samples.filter(({ at }) => at >= began));
  const failed = during.flat().filter(({ saw }) => saw !== "ok");
  seen[kind] = { seconds, reads: during[0]?.length, writes: during[1]?.length, failed };
  expect([status, output]).toEqual([0, expect.any(String)]);
  return output;
}

/** Users who read and write from now on. */
async function begin(): Promise<void> {
  const { users }: Credentials = JSON.parse(WIKI.must("credentials", "--json"));
  const lastMail = () => (JSON.parse(WIKI.must("credentials", "--json")) as Credentials).message ?? "";
  for (const [index, task] of (["reader", "editor"] as const).entries()) {
    const login = { user: users[index]?.name ?? "", password: users[index]?.password ?? "", lastMail };
    const person = new Person(task, devices, login);
    await person.signIn();
    people.push(person);
  }
  for (const person of people) person.start();
}

beforeAll(async () => {
  WIKI.clean();
  WIKI.write({ signOn: {}, users: USERS, monitoring: { enabled: true } });
  WIKI.must("deploy");
  const seed = ["exec", "--interactive", WIKI.container("bookstack"), "sh", "/etc/bookstack/entrypoint.sh", "php", "--", "1"];
  const input = spawnSync("cat", [join(__dirname, "support", "book-of-pages.php")]).stdout;
  succeeded(spawnSync("docker", seed, { input, encoding: "utf8" }));
  old = WIKI.must("ca").trim();
  devices.ca = old;
  await begin();
});

afterAll(async () => {
  for (const person of people) await person.stop();
  process.stderr.write(`seen by two users, one request a second each: ${JSON.stringify(seen)}\n`);
  WIKI.clean();
});

describe("the authority of the database", () => {
  const readers = ["bookstack", "backup", "bookstack-db", "mysqld-exporter"];
  let before: string;

  test("a rotation that is killed while both are trusted: users notice nothing", async () => {
    [before = ""] = authorities("bookstack", "database_ca");
    const from = people.map(({ samples }) => samples.length);
    const child = WIKI.start("rotate", "database_ca");
    await until(() => stored().includes("database_ca.trusted") || child.exitCode !== null, 120, "both are trusted");
    await killGroup(child);
    await pause(5000);
    expect(people.flatMap(({ samples }, index) => samples.slice(from[index])).filter(({ saw }) => saw !== "ok")).toEqual([]);
  });

  test("is completed by the next one, while users read and write without a failure", async () => {
    expect(await rotate("database", "database_ca")).toMatch(/^continues the interrupted rotation of database_ca/);
    expect(seen.database).toMatchObject({ failed: [] });
    const now = readers.map((service) => authorities(service, "database_ca"));
    expect(now).toEqual(readers.map(() => [expect.not.stringContaining(before)]));
    expect(stored().filter((name) => /^database_ca\.(next|previous|trusted)/.test(name))).toEqual([]);
  });

  test("clients verify the database with the new one: the wiki, the backup and the exporter", async () => {
    expect(WIKI.must("backup")).toContain("backup: made");
    const metrics = ["exec", WIKI.container("prometheus"), "wget", "-qO-", "http://localhost:9090/api/v1/query?query=mysql_up"];
    await until(() => /"value":\[[\d.]+,"1"\]/.test(docker(...metrics)), 90, "the exporter reaches the database");
  });
});

describe("the authority of the wiki", () => {
  test("the first run lets the services trust both, and says what to do with devices", async () => {
    const output = await rotate("edge, first run", "edge_ca");
    expect(seen["edge, first run"]).toMatchObject({ failed: [] });
    expect(output).toContain("npm run --silent ca -- cas --next > wiki-ca-new.crt");
    expect(output).toContain("npm run rotate -- cas edge_ca --finish");
    next = WIKI.must("ca", "--next").trim();
    expect(certificates(WIKI.must("ca"))).toEqual([old, next]);
    expect(authorities("bookstack", "edge_ca")).toEqual([old, next]);
    expect([device(old), device(next)]).toEqual(["ok", expect.stringMatching(/certificate/)]);
  });

  test("a deploy and another rotation leave both as they are", async () => {
    expect(await WIKI.commandInBackground("rotate", "mysql_exporter_password")).toMatchObject({ status: 0 });
    expect(await WIKI.commandInBackground("deploy")).toMatchObject({ status: 0, output: expect.stringContaining("Every container is healthy.") });
    expect(certificates(WIKI.must("ca"))).toEqual([old, next]);
    expect([device(old), device(next)]).toEqual(["ok", expect.stringMatching(/certificate/)]);
  });

  test("the second run lets the new one sign, and drops the old one: devices that trust both notice nothing", async () => {
    devices.ca = `${old}\n${next}`;
    await rotate("edge, second run", "edge_ca", "--finish");
    expect(seen["edge, second run"]).toMatchObject({ failed: [] });
    expect([device(old), device(next), device(`${old}\n${next}`)]).toEqual([expect.stringMatching(/certificate/), "ok", "ok"]);
    expect([certificates(WIKI.must("ca")), authorities("bookstack", "edge_ca")]).toEqual([[next], [next]]);
    expect(new X509Certificate(old).publicKey.equals(new X509Certificate(next).publicKey)).toBe(false);
    expect(stored().filter((name) => /^edge_ca\.(next|previous|trusted)/.test(name))).toEqual([]);
  });

  test("users sign in through the portal with the new one, and a deploy changes nothing", async () => {
    devices.ca = next;
    const from = people.map(({ samples }) => samples.length);
    await people[0]?.signIn();
    await pause(3000);
    expect(people.flatMap(({ samples }, index) => samples.slice(from[index])).filter(({ saw }) => saw !== "ok")).toEqual([]);
    expect(WIKI.must("plan")).toMatch(/no changes/i);
    expect(WIKI.command("rotate", "edge_ca", "--finish").stderr).toMatch(/the services do not trust the new edge_ca yet\n {2}→ npm run rotate -- cas edge_ca/);
  });
});
