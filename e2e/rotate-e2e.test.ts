import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Credentials } from "../lib/cli/commands/credentials";
import { Person } from "./faults/person";
import { Backups, S3Server, tried } from "./support/backup";
import { Deployment, docker, killGroup, succeeded, until } from "./support/deployment";

const WIKI = new Deployment({ name: "rot", http: 18_292, https: 18_293, subnets: 229 });
const S3_ADDRESS = "10.229.1.40";
const KEYS = { access: `Canary${randomBytes(8).toString("hex")}`, secret: `Canary${randomBytes(16).toString("hex")}` };
const REMOTES = [{ name: "offsite", kind: "s3", endpoint: `http://${S3_ADDRESS}:9000`, bucket: "wiki" }];
/** A second factor that BookStack stores encrypted. */
const FACTOR = "SECONDFACTOR";
/** Secrets whose old and new values are tried at their programs. */
const TRIED = ["mysql_bookstack_password", "authelia_storage_key", "oidc_bookstack_secret", "bouncer_key_traefik", "backup_restic_password"] as const;
type Tried = (typeof TRIED)[number];

const backups = new Backups(WIKI);
let s3: S3Server;
/** The set that is made before. */
let set: string;
let appKey: string;
let passphrase: string;
let reader: Person;
let old: Record<Tried, string>;
let output = "";
/** What the reader saw while each kind of secret was rotated, and how long that took. */
const seen: Record<string, { seconds: number; requests: number; failed: Record<string, number> }> = {};

const RUN = ["run", "--rm", "--interactive", "--network=none", "--user=0:0", "--log-driver=none"];

/** A secret of the store. */
function secret(name: string): string {
  const image = docker("inspect", "--format", "{{.Image}}", WIKI.container("secrets"));
  return docker(...RUN, `--mount=type=volume,source=${WIKI.name}-secrets,target=/s,readonly`, "--entrypoint=cat", image, `/s/${name}`);
}

/** Names of what is in the store. */
function stored(): string[] {
  const image = docker("inspect", "--format", "{{.Image}}", WIKI.container("secrets"));
  return docker(...RUN, `--mount=type=volume,source=${WIKI.name}-secrets,target=/s,readonly`, "--entrypoint=ls", image, "-A", "/s").split("\n");
}

/** What a program in a container says about a value, which it gets as its input. */
function answerOf(input: string, container: string, ...command: readonly string[]): string {
  const { stdout, stderr } = spawnSync("docker", ["exec", "--interactive", WIKI.container(container), ...command], { input, encoding: "utf8" });
  return `${stdout}${stderr}`;
}

const PORTAL = ["X-Forwarded-Proto: https", `X-Forwarded-Host: auth.wiki.localhost:${WIKI.https}`];

/** Whether the program that checks a secret accepts `value`. */
const ACCEPTS: Readonly<Record<Tried, (value: string) => boolean>> = {
  mysql_bookstack_password: (value) => {
    const file = `[client]\nuser=bookstack\npassword=${value}\nsocket=/run/mysqld/mysqld.sock\n`;
    const answer = answerOf(file, "bookstack-db", "sh", "-c", "cat > /tmp/try && mysql --defaults-file=/tmp/try -NBe 'select 41 + 1'; rm /tmp/try");
    expect(answer).toMatch(/^42\n|ERROR 1045/);
    return answer.startsWith("42");
  },
  authelia_storage_key: (value) => {
    const script = "cat > /data/try; AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE=/data/try authelia storage encryption check; rm /data/try";
    const answer = answerOf(value, "authelia", "sh", "-c", script);
    expect(answer).toMatch(/Validation: (SUCCESS|FAILURE)/);
    return answer.includes("Validation: SUCCESS");
  },
  oidc_bookstack_secret: (value) => {
    const data = "grant_type=authorization_code&code=none&redirect_uri=https://none.invalid/";
    const lines = [
      `user = "bookstack:${value}"`,
      'url = "http://authelia:9091/api/oidc/token"',
      `data = "${data}"`,
      ...PORTAL.map((line) => `header = "${line}"`),
    ];
    const answer = answerOf(lines.join("\n"), "bookstack", "curl", "-sS", "--config", "-");
    expect(answer).toMatch(/invalid_(client|grant)/);
    return answer.includes("invalid_grant");
  },
  bouncer_key_traefik: (value) => {
    const lines = [`header = "X-Api-Key: ${value}"`, 'url = "http://crowdsec:8080/v1/decisions?ip=192.0.2.1"'];
    const answer = answerOf(lines.join("\n"), "bookstack", "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--config", "-");
    expect(answer).toMatch(/^(200|403)$/);
    return answer === "200";
  },
  backup_restic_password: (value) => {
    const files = `printf '[default]\\naws_access_key_id=%s\\naws_secret_access_key=%s\\n' "$(cat /run/secrets/backup_offsite_access_key)" "$(cat /run/secrets/backup_offsite_secret_key)" > /tmp/aws`;
    const restic = `AWS_SHARED_CREDENTIALS_FILE=/tmp/aws RESTIC_PASSWORD_FILE=/tmp/try restic -r s3:http://${S3_ADDRESS}:9000/wiki cat config --no-lock --no-cache`;
    const answer = answerOf(value, "backup", "sh", "-c", `umask 077; cat > /tmp/try; ${files}; ${restic} >/dev/null 2>&1; echo code $?; rm /tmp/try /tmp/aws`);
    expect(answer).toMatch(/^code (0|12)$/m);
    return answer.includes("code 0");
  },
};

/** Starts a rotation of all secrets, and kills it with everything that it started as soon as `moment` has come. */
async function killedAt(moment: () => boolean, what: string): Promise<void> {
  const child = WIKI.start("rotate", "--all");
  await until(() => moment() || child.exitCode !== null, 180, what);
  await killGroup(child);
}

/** Rotates all while the reader reads; notes when each kind began. */
async function rotateAll(): Promise<number> {
  const [program = "", ...words] = WIKI.line("rotate", "--all");
  const child = spawn(program, words, { cwd: join(__dirname, ".."), stdio: ["ignore", "pipe", "pipe"] });
  const marks: { kind: string; at: number }[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
      for (const [, kind = ""] of `${chunk}`.matchAll(/^rotates (mysql|authelia|bouncer|app|backup)_/gm)) marks.push({ kind, at: Date.now() });
    });
  }
  const status: number = await new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
  // until the reader is served again
  await until(() => reader.samples.at(-1)?.saw === "ok", 60, "the reader is served");
  for (const [index, { kind, at }] of marks.entries()) {
    const end = marks[index + 1]?.at ?? Date.now();
    const during = reader.samples.filter((sample) => sample.at >= at && sample.at < end);
    seen[kind] = { seconds: Math.round((end - at) / 1000), requests: during.length, failed: counted(during.map(({ saw }) => saw)) };
  }
  return status;
}

/** How often the reader saw each thing that is not the page. */
function counted(all: readonly string[]): Record<string, number> {
  const failures: Record<string, number> = {};
  for (const saw of all) if (saw !== "ok") failures[saw] = (failures[saw] ?? 0) + 1;
  return failures;
}

function values(): Record<Tried, string> {
  return Object.fromEntries(TRIED.map((name) => [name, secret(name)])) as Record<Tried, string>;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Runs PHP within BookStack; what it prints. */
function php(code: string): string {
  const boot = "require '/var/www/bookstack/vendor/autoload.php'; $app = require '/var/www/bookstack/bootstrap/app.php';";
  const script = `<?php ${boot} $app->make(Illuminate\\Contracts\\Console\\Kernel::class)->bootstrap(); ${code}`;
  return answerOf(script, "bookstack", "sh", "/etc/bookstack/entrypoint.sh", "php");
}

const FIRST_USER = "$user = BookStack\\Users\\Models\\User::query()->where('email', '=', 'first@wiki.localhost')->firstOrFail();";

beforeAll(async () => {
  tried(["rm", "--force", `s3-${WIKI.name}`]);
  WIKI.clean();
  WIKI.write({ signOn: {}, backup: { remotes: REMOTES } });
  for (const [name, value] of Object.entries({ backup_offsite_access_key: KEYS.access, backup_offsite_secret_key: KEYS.secret }))
    succeeded(WIKI.commandWith(value, "secret", name));
  WIKI.must("deploy");
  s3 = new S3Server(WIKI, docker("inspect", "--format", "{{.Config.Image}}", backups.container), S3_ADDRESS, KEYS);
  s3.start();
  await until(() => tried(["exec", s3.name, "bash", "-c", "echo > /dev/tcp/127.0.0.1/9000"]).status === 0, 30, "the S3 server listens");
  WIKI.must("backup");
  set = backups.names()[0] ?? "";
  expect(php(`${FIRST_USER} BookStack\\Access\\Mfa\\MfaValue::upsertWithValue($user, 'totp', '${FACTOR}'); echo 'stored';`)).toBe("stored");
  const seed = ["exec", "--interactive", WIKI.container("bookstack"), "sh", "/etc/bookstack/entrypoint.sh", "php", "--", "1"];
  const input = spawnSync("cat", [join(__dirname, "support", "book-of-pages.php")]).stdout;
  succeeded(spawnSync("docker", seed, { input, encoding: "utf8" }));
  const { users }: Credentials = JSON.parse(WIKI.must("credentials", "--json"));
  const site = { domain: "wiki.localhost", port: WIKI.https, ca: WIKI.must("ca") };
  const lastMail = () => (JSON.parse(WIKI.must("credentials", "--json")) as Credentials).message ?? "";
  reader = new Person("reader", site, { user: "demo", password: users[0]?.password ?? "", lastMail });
  await reader.signIn();
  reader.start();
  old = values();
  appKey = secret("app_key");
  passphrase = secret("backup_passphrase");
});

afterAll(async () => {
  await reader?.stop();
  s3?.stop();
  WIKI.clean();
  tried(["volume", "rm", "--force", `s3-${WIKI.name}-data`]);
});

test.each(TRIED)("before: the program accepts %s, and no other value", (name) => {
  expect([ACCEPTS[name](old[name]), ACCEPTS[name](`${old[name].slice(0, -1)}0`)]).toEqual([true, old[name].endsWith("0")]);
});

describe("a rotation that is killed", () => {
  test("while the database accepts both passwords: readers notice nothing", async () => {
    const from = reader.samples.length;
    await killedAt(() => stored().includes("mysql_bookstack_password.previous"), "the old password is kept");
    await pause(3000);
    expect(counted(reader.samples.slice(from).map(({ saw }) => saw))).toEqual({});
  });

  test("and again while the portal is stopped is completed by the next one, with the values that it began with", async () => {
    const portal = WIKI.container("authelia");
    await killedAt(() => docker("inspect", "--format", "{{.State.Running}}", portal) === "false", "the portal is stopped");
    const begun = secret("authelia_storage_key.next");
    const status = await rotateAll();
    expect([status, output]).toEqual([0, expect.stringMatching(/^continues the interrupted rotation of .*authelia_storage_key/)]);
    expect(sha256(secret("authelia_storage_key"))).toBe(sha256(begun));
  });
});

describe("afterwards", () => {
  test.each(TRIED)("the program accepts the new %s and refuses the old one", (name) => {
    expect([ACCEPTS[name](secret(name)), ACCEPTS[name](old[name])]).toEqual([true, false]);
  });

  test("no old or new value is left beside the value in use", () => {
    expect(stored().filter((name) => /\.(next|previous)$|^\.stage/.test(name))).toEqual([]);
    expect(docker("exec", WIKI.container("authelia"), "ls", "/data")).not.toContain("before");
  });

  test("the wiki reads with the new key what it had stored with the old one, and nothing that the old key encrypts", () => {
    expect([secret("app_key") === appKey, php(`${FIRST_USER} echo BookStack\\Access\\Mfa\\MfaValue::getValueForUser($user, 'totp');`)]).toEqual([
      false,
      FACTOR,
    ]);
    const forged = `$key = base64_decode('${appKey.replace("base64:", "")}'); $text = (new Illuminate\\Encryption\\Encrypter($key, config('app.cipher')))->encrypt('x');`;
    expect(php(`${forged} try { decrypt($text); echo 'accepted'; } catch (Throwable) { echo 'refused'; }`)).toBe("refused");
  });

  test("a set that was made before can be opened, here and at the remote, with the old passphrase named by its fingerprint", () => {
    const kept = `backup_passphrase.kept.${sha256(passphrase).slice(0, 8)}`;
    expect(stored()).toContain(kept);
    for (const place of [[], ["offsite"]]) expect(backups.script("open.sh", [set, ...place])).toEqual({ status: 0, output: expect.stringContaining(set) });
  });

  test("a new set is made with the new passphrase, and goes to the remote", () => {
    expect(WIKI.must("backup")).toContain("backup: made");
    const newest = backups.names().at(-1) ?? "";
    const tryWith = (value: string) =>
      answerOf(
        value,
        "backup",
        "sh",
        "-c",
        `cat > /tmp/p; gpg --homedir /tmp --batch --pinentry-mode loopback --passphrase-file /tmp/p -d /backups/${newest}.tar.gpg 2>&1 >/dev/null | grep -c 'Bad session key'; rm /tmp/p`,
      ).trim();
    expect([tryWith(passphrase), tryWith(secret("backup_passphrase"))]).toEqual(["1", "0"]);
  });

  test("readers noticed nothing of the database, and read on after all of it, with the same device", async () => {
    process.stderr.write(`seen by a reader, one request a second: ${JSON.stringify(seen)}; sign-ins: ${reader.signIns}\n`);
    expect([seen.mysql?.failed, Object.keys(seen)]).toEqual([{}, ["authelia", "mysql", "bouncer", "app", "backup"]]);
    expect(reader.signIns).toBeGreaterThan(0);
    const from = reader.samples.length;
    await pause(5000);
    expect(counted(reader.samples.slice(from).map(({ saw }) => saw))).toEqual({});
  });

  test("says what it left out, with the reason, and shows no value", () => {
    expect(output).toMatch(/^Not rotated:\n(.*\n)*? {2}user_demo_password: it is used for the first login only/m);
    for (const value of [...Object.values(old), ...Object.values(values())]) expect(output.includes(value)).toBe(false);
  });

  test("the wiki can be stopped and started, and a deploy changes nothing", () => {
    docker("restart", WIKI.container("bookstack-db"), WIKI.container("bookstack"));
    WIKI.must("deploy");
    expect(WIKI.must("plan")).toMatch(/no changes|nothing/i);
  });
});
