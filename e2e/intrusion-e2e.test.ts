import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { describeUnless } from "../__tests__/support/needs";
import { assetText } from "../constructs/core/asset";
import { hourOfEditing, searchWithoutSession, wrongPasswords, wrongTokens } from "./support/access-log";
import { Deployment, docker, healthy, succeeded, until } from "./support/deployment";
import { imagesHere } from "./support/images";
import { HOST } from "./support/wiki";

/** A separate environment: nothing here affects that of another test. */
const WIKI = new Deployment({ name: "ids", http: 18_093, https: 18_455, subnets: 210 });
const NAME = WIKI.name;
const HTTPS = WIKI.https;

/** A network like the internet: its addresses are public, and it has no way on. */
const OUTSIDE = `${NAME}-outside`;
const OUTSIDE_SUBNET = "198.51.100.0/24";
const EDGE = "198.51.100.2";
const TRAEFIK = `${NAME}-traefik`;
const CROWDSEC = `${NAME}-crowdsec`;
/** The edge asks for changes every ten seconds. */
const TIME_TO_BAN = 10;

let image: string;
/** Response to a client that is not banned. */
let usual: number;

beforeAll(async () => {
  spawnSync("docker", ["network", "rm", OUTSIDE]);
  WIKI.clean();
  succeeded(WIKI.command("deploy"));
  image = WIKI.summary().containers.find(({ name }) => name === `${NAME}-bookstack`)?.image ?? "";
  docker("network", "create", "--internal", "--subnet", OUTSIDE_SUBNET, OUTSIDE);
  docker("network", "connect", "--ip", EDGE, OUTSIDE, TRAEFIK);
  usual = status("198.51.100.10");
});

afterAll(() => {
  spawnSync("docker", ["network", "disconnect", "--force", OUTSIDE, TRAEFIK]);
  spawnSync("docker", ["network", "rm", OUTSIDE]);
  WIKI.clean();
});

/** What the edge answers to requests that come from `address`, one after the other. */
function ask(address: string, paths: readonly string[], ...options: readonly string[]): number[] {
  const config = paths.flatMap((path) => [`url = "https://${HOST}:${HTTPS}${path}"`, 'output = "/dev/null"']).join("\n");
  const run = ["run", "--rm", "--interactive", "--network", OUTSIDE, "--ip", address, "--log-driver=none", "--entrypoint=curl", image];
  const curl = ["-sk", "--resolve", `${HOST}:${HTTPS}:${EDGE}`, "--write-out", "%{http_code}\\n", ...options, "--config", "-"];
  return succeeded(spawnSync("docker", [...run, ...curl], { input: config, encoding: "utf8" }))
    .trim()
    .split("\n")
    .map(Number);
}

function status(address: string, ...options: readonly string[]): number {
  return ask(address, ["/login"], ...options)[0] ?? 0;
}

function paths(count: number, form: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, index) => form(index));
}

const PROBES = paths(40, (index) => `/backup-${index}.php`);

async function untilBanned(address: string, seconds = TIME_TO_BAN): Promise<void> {
  await until(() => status(address) === 403, seconds, `${address} is banned`);
}

interface Decision {
  readonly value: string;
  readonly scenario: string;
  readonly duration: string;
}

function decisions(): Decision[] {
  const alerts: { decisions: Decision[] | null }[] = JSON.parse(docker("exec", CROWDSEC, "cscli", "decisions", "list", "--output", "json")) ?? [];
  return alerts.flatMap(({ decisions: made }) => made ?? []);
}

/** Seconds that are left of the ban of `address`. */
function secondsLeft(address: string): number {
  const [, minutes = 0, seconds = 0] = /^(?:(\d+)m)?(\d+)s/.exec(decisions().find(({ value }) => value === address)?.duration ?? "") ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

/** Scenarios that a log sets off when CrowdSec reads it as if its hour went by again. */
function replayed(type: string, log: string): string[] {
  const script = 'cat >"/tmp/$0.log"; crowdsec -c /etc/crowdsec/config.yaml -dsn "file:///tmp/$0.log" -type "$0" -no-api 2>&1; rm "/tmp/$0.log"';
  const output = succeeded(spawnSync("docker", ["exec", "--interactive", CROWDSEC, "sh", "-c", script, type], { input: log, encoding: "utf8" }));
  expect(output).toContain("Acquisition is finished");
  // an overflow that is whitelisted is named in brackets once more
  const whitelisted = new Set([...output.matchAll(/msg="\[Ip (\S+ performed '[^']+')[^\]]*\] is whitelisted/g)].map(([, overflow]) => overflow));
  const overflows = [...output.matchAll(/msg="Ip ((\S+) performed '([^']+)')/g)].filter(([, overflow]) => !whitelisted.has(overflow));
  return [...new Set(overflows.map(([, , address, scenario]) => `${address} ${scenario}`))].sort();
}

describe("what is rendered", () => {
  test("is accepted by crowdsec -t", () => {
    docker("exec", CROWDSEC, "crowdsec", "-c", "/etc/crowdsec/config.yaml", "-t");
  });

  test("has all that it reads without the internet", () => {
    const items: Record<string, { name: string; status: string }[]> = JSON.parse(docker("exec", CROWDSEC, "cscli", "hub", "list", "--output", "json"));
    const collections = items.collections?.map(({ name }) => name) ?? [];
    expect(collections).toEqual(
      expect.arrayContaining(["crowdsecurity/traefik", "crowdsecurity/http-cve", "crowdsecurity/sshd", "crowdsecurity/mysql", "LePresidente/authelia"]),
    );
    expect(Object.values(items).flatMap((kind) => kind.filter(({ status: state }) => state.includes("tainted")))).toEqual([]);
  });

  test("trusts the networks of its containers", () => {
    const { items } = JSON.parse(docker("exec", CROWDSEC, "cscli", "allowlists", "inspect", "trusted", "--output", "json"));
    const networks = WIKI.summary().networks.map(({ subnet }) => subnet);
    expect(items.map(({ value }: { value: string }) => value)).toEqual(expect.arrayContaining(networks));
  });
});

/** A stand-in image may lack a program. */
const { crowdsec: crowdsecStandIn } = imagesHere().overrides;
const hasCurl =
  crowdsecStandIn === undefined || spawnSync("docker", ["run", "--rm", "--network=none", "--entrypoint=curl", crowdsecStandIn, "--version"]).status === 0;

describeUnless(hasCurl ? undefined : "no curl in the stand-in of CrowdSec", "enrolling at crowdsec.net", () => {
  const standIn = `${NAME}-community`;
  /** Fake API that knows one machine and one key, and records requests. */
  const SERVICE = `<?php
$told = json_decode(file_get_contents("php://input"), true);
file_put_contents("php://stderr", json_encode([$_SERVER["REQUEST_URI"], $_SERVER["HTTP_AUTHORIZATION"] ?? null, $told]) . "\\n");
$login = $_SERVER["REQUEST_URI"] === "/v3/watchers/login" && $told["machine_id"] === "machine" && $told["password"] === "known";
$enroll = $_SERVER["REQUEST_URI"] === "/v3/watchers/enroll" && $_SERVER["HTTP_AUTHORIZATION"] === "Bearer session" && $told["attachment_key"] === "clkey1";
http_response_code($login || $enroll ? 200 : 403);
echo json_encode($login ? ["token" => "session"] : ["message" => "OK"]);`;

  beforeAll(async () => {
    const run = ["run", "--detach", "--rm", "--interactive", "--name", standIn, "--network", `${NAME}-backend`, "--entrypoint=sh", image, "-c"];
    docker(...run, "while [ ! -s /tmp/service.php ]; do sleep 0.1; done; exec php -S 0.0.0.0:8000 /tmp/service.php");
    succeeded(spawnSync("docker", ["exec", "--interactive", standIn, "sh", "-c", "cat >/tmp/service.php"], { input: SERVICE, encoding: "utf8" }));
    await until(() => enroll("known", "clkey1").status === 0, 20, "the fake API accepts the key");
  });

  afterAll(() => {
    docker("rm", "--force", standIn);
  });

  /** The script that a start runs, with the programs of the image. */
  function enroll(password: string, key: string) {
    const files = `url: http://${standIn}:8000/\nlogin: machine\npassword: ${password}\n`;
    const write = ["exec", "--interactive", CROWDSEC, "sh", "-c", `umask 077; printf '${files}' >/tmp/credentials; cat >/tmp/key`];
    succeeded(spawnSync("docker", write, { input: `${key}\n`, encoding: "utf8" }));
    const run = ["exec", "--interactive", CROWDSEC, "sh", "-s", "/tmp/credentials", "/tmp/key"];
    return spawnSync("docker", run, { input: assetText("edge/crowdsec/assets/enroll.sh"), encoding: "utf8" });
  }

  test("sends what cscli would send", () => {
    const { stdout, stderr } = spawnSync("docker", ["logs", standIn], { encoding: "utf8" });
    const reports = `${stdout}${stderr}`
      .split("\n")
      .flatMap((line) => /\[".*\]$/.exec(line)?.[0] ?? [])
      .slice(-2);
    expect(reports.map((line) => JSON.parse(line))).toEqual([
      ["/v3/watchers/login", null, { machine_id: "machine", password: "known", scenarios: [] }],
      ["/v3/watchers/enroll", "Bearer session", { attachment_key: "clkey1", name: "crowdsec", tags: [], autoenroll: false }],
    ]);
  });

  test.each([
    ["unknown", "clkey1"],
    ["known", "clkey2"],
  ])("fails with the password %s and the key %s when one of them does not count", (password, key) => {
    expect(enroll(password, key)).toMatchObject({ status: 22, stderr: expect.stringContaining("403") });
  });
});

describe("ordinary editing", () => {
  test("raises nothing in an hour", () => {
    expect(replayed("traefik", hourOfEditing("192.0.2.10"))).toEqual([]);
  });

  test("raises nothing after a mistyped password", () => {
    expect(replayed("bookstack", wrongPasswords("192.0.2.11", 4, 5))).toEqual([]);
  });
});

describe("an attack in the logs", () => {
  test("without a session is a search for pages", () => {
    expect(replayed("traefik", searchWithoutSession("192.0.2.20"))).toContain("192.0.2.20 secure-bookstack/edge-probing");
  });

  test("on the API is a search for tokens", () => {
    expect(replayed("traefik", wrongTokens("192.0.2.21"))).toEqual(["192.0.2.21 secure-bookstack/bookstack-api-bf"]);
  });

  test("on the form is a search for passwords, and never that of the address which a user's name pretends to be", () => {
    expect(replayed("bookstack", wrongPasswords("192.0.2.22", 8, 2))).toEqual(["192.0.2.22 secure-bookstack/bookstack-bf"]);
    expect(replayed("bookstack", wrongPasswords("192.0.2.23", 12, 25))).toEqual(["192.0.2.23 secure-bookstack/bookstack-slow-bf"]);
  });
});

describe("forty probing requests", () => {
  const attacker = "198.51.100.30";

  test("ban the address within ten seconds, and no other", async () => {
    ask(attacker, PROBES);
    await untilBanned(attacker);
    expect(status("198.51.100.31")).toBe(usual);
    expect(new Set(decisions().map(({ value }) => value))).toEqual(new Set([attacker]));
  });

  test("ban for five minutes, and for longer the second time", async () => {
    const first = secondsLeft(attacker);
    expect(first).toBeGreaterThan(200);
    expect(first).toBeLessThanOrEqual(300);
    docker("exec", CROWDSEC, "cscli", "decisions", "delete", "--ip", attacker);
    await until(() => status(attacker) === usual, 15, "the ban is lifted");
    ask(
      attacker,
      paths(12, (index) => `/${index}/.env`),
    );
    await untilBanned(attacker);
    const second = secondsLeft(attacker);
    expect(second).toBeGreaterThan(500);
    expect(second).toBeLessThanOrEqual(600);
  });

  test("are counted for the sender, whatever address it writes into a header", async () => {
    const [forger, framed] = ["198.51.100.40", "198.51.100.41"];
    const forged = ["X-Forwarded-For", "X-Real-Ip", "CF-Connecting-IP", "Forwarded"].flatMap((name) => ["--header", `${name}: ${framed}`]);
    ask(forger, PROBES, ...forged);
    await untilBanned(forger);
    expect(status(forger, ...forged)).toBe(403);
    expect(status(framed)).toBe(usual);
    expect(decisions().map(({ value }) => value)).not.toContain(framed);
  });
});

test("wrong tokens at the API ban the address", async () => {
  const attacker = "198.51.100.50";
  ask(
    attacker,
    paths(8, () => "/api/books"),
    "--header",
    "Authorization: Token wrong:wrong",
  );
  await untilBanned(attacker);
  expect(decisions().find(({ value }) => value === attacker)?.scenario).toBe("secure-bookstack/bookstack-api-bf");
});

describe("what goes wrong around it", () => {
  const banned = "198.51.100.60";
  const clean = "198.51.100.61";

  beforeAll(async () => {
    docker("exec", CROWDSEC, "cscli", "decisions", "add", "--ip", banned, "--duration", "30m");
    await untilBanned(banned, 15);
  });

  test("a Traefik without a route to the internet starts and blocks", async () => {
    const { IPAddress: address } = JSON.parse(docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", TRAEFIK))[`${NAME}-proxy`];
    docker("network", "disconnect", `${NAME}-proxy`, TRAEFIK);
    try {
      docker("restart", TRAEFIK);
      await until(() => healthy(TRAEFIK), 60, "Traefik is healthy");
      const left = Object.keys(JSON.parse(docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", TRAEFIK)));
      expect(left.map((network) => docker("network", "inspect", "--format", "{{.Internal}}", network))).toEqual(["true", "true"]);
      await untilBanned(banned, 15);
      expect(status(clean)).toBe(usual);
    } finally {
      docker("network", "connect", "--ip", address, "--alias", "traefik", `${NAME}-proxy`, TRAEFIK);
      docker("restart", TRAEFIK);
      await until(() => healthy(TRAEFIK), 60, "Traefik is healthy again");
    }
    await untilBanned(banned, 15);
  });

  test("without CrowdSec the banned stay out and the others stay in", async () => {
    docker("stop", CROWDSEC);
    try {
      await new Promise((resolve) => setTimeout(resolve, 25_000));
      expect(status(banned)).toBe(403);
      expect(status(clean)).toBe(usual);
    } finally {
      docker("start", CROWDSEC);
    }
    await until(() => healthy(CROWDSEC), 90, "CrowdSec is healthy");
  });

  test("a Traefik that starts without CrowdSec admits all clients, until CrowdSec is back", async () => {
    docker("stop", CROWDSEC);
    try {
      docker("restart", TRAEFIK);
      await until(() => healthy(TRAEFIK), 60, "Traefik is healthy");
      expect(status(clean)).toBe(usual);
      expect(status(banned)).toBe(usual);
    } finally {
      docker("start", CROWDSEC);
    }
    await until(() => healthy(CROWDSEC), 90, "CrowdSec is healthy");
    await untilBanned(banned, 15);
  });

  test("a key that was changed is taken at the next start of both", async () => {
    const key = randomBytes(16).toString("hex");
    const mounts = ["crowdsec", "traefik"].flatMap((service) => ["--mount", `type=volume,source=${NAME}-secrets-${service},target=/${service}`]);
    // written into the file that is there: owner and mode stay
    const script = 'read -r key; for service in crowdsec traefik; do printf %s "$key" >"/$service/bouncer_key_traefik"; done';
    const run = ["run", "--rm", "--interactive", "--network=none", "--log-driver=none", "--user=0:0", ...mounts, "--entrypoint=sh", image, "-c", script];
    succeeded(spawnSync("docker", run, { input: `${key}\n`, encoding: "utf8" }));
    docker("restart", CROWDSEC, TRAEFIK);
    await until(() => healthy(CROWDSEC) && healthy(TRAEFIK), 120, "both are healthy");
    await untilBanned(banned, 15);
    expect(status(clean)).toBe(usual);
  });
});

test("the key is in no environment, label, log or command line", () => {
  const key = docker("exec", CROWDSEC, "cat", "/run/secrets/bouncer_key_traefik");
  for (const name of [CROWDSEC, TRAEFIK]) {
    const { stdout, stderr } = spawnSync("docker", ["logs", name], { encoding: "utf8", maxBuffer: 64 * 2 ** 20 });
    expect(`${docker("inspect", name)}${docker("top", name)}${stdout}${stderr}`.includes(key)).toBe(false);
  }
});
