import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { connect } from "node:tls";
import { document, shellBlocks } from "../__tests__/support/documents";
import { METRICS_DIRECTORY } from "../constructs/backup/backup-config";
import type { Outcome } from "../lib/operations/verify/check";
import { exitCodeOf } from "../lib/operations/verify/run";
import { Deployment, docker, healthy, succeeded, until } from "./support/deployment";
import { imagesHere } from "./support/images";
import { Metrics } from "./support/metrics";
import { naming } from "./support/naming";

/** A separate address of this machine for the test, so that its ports are distinct; loopback addresses are not reachable. */
const ADDRESS = "198.18.235.1";
const address = (verb: "add" | "del") => spawnSync("ip", ["address", verb, `${ADDRESS}/32`, "dev", "lo"]);
const WIKI = new Deployment({ name: "vrf", http: 18_086, https: 18_436, subnets: 236 });
const TRAEFIK = WIKI.container("traefik");

interface Report {
  readonly ok: boolean;
  readonly checks: readonly Outcome[];
}

/** What `npm run verify -- vrf --json` says; the exit code is that of the report. */
function verify(...options: readonly string[]): Report {
  const { status, stdout, stderr } = WIKI.command("verify", "--json", ...options);
  if (stdout === "") throw new Error(stderr);
  const report: Report = JSON.parse(stdout);
  expect(status).toBe(exitCodeOf(report.checks));
  expect(report.ok).toBe(status === 0);
  return report;
}

/** The same, of these checks alone. */
const verifyOnly = (...checks: readonly string[]) => verify("--only", checks.join());

/** What was found, by the name of the check. */
function found({ checks }: Report): Record<string, string[]> {
  return Object.fromEntries(checks.flatMap((outcome) => (outcome.result === "failed" ? [[outcome.name, outcome.findings.map(({ problem }) => problem)]] : [])));
}

/** What could not be seen, by the name of the check. */
function unseen({ checks }: Report): Record<string, string[]> {
  return Object.fromEntries(
    checks.flatMap((outcome) => (outcome.result === "unknown" ? [[outcome.name, outcome.findings.map(({ problem }) => problem)]] : [])),
  );
}

function results({ checks }: Report): Record<string, Outcome["result"]> {
  return Object.fromEntries(checks.map(({ name, result }) => [name, result]));
}

/** With the monitoring, where its images are. */
const enabled = imagesHere().missingForMonitoring.length === 0;
const SETTINGS = { ports: { address: ADDRESS, http: WIKI.http, https: WIKI.https }, signOn: {}, monitoring: { enabled } };
if (!enabled) process.stderr.write("skipped: the way of alerts, no images of the monitoring\n");
let services: readonly string[];
/** How a check of a part ends, where the environment may have the part or not. */
const of = (service: string) => (services.includes(WIKI.container(service)) ? "ok" : "skipped");

/** Whether the alert that is always raised has arrived. */
const watched = () => docker("exec", WIKI.container("alertmanager"), "wget", "-q", "-O", "-", "http://127.0.0.1:9093/api/v2/alerts").includes("Watchdog");

beforeAll(async () => {
  WIKI.clean();
  address("add");
  WIKI.write(SETTINGS);
  succeeded(WIKI.command("deploy"));
  services = WIKI.summary().containers.map(({ name }) => name);
  if (enabled) {
    await until(watched, 180, "the alert that is always raised");
    // every source is read for the first time
    await until(() => results(verify())["metrics-sources"] === "ok", 120, "every source is read");
  }
});

afterAll(() => {
  WIKI.clean();
  address("del");
});

test("everything that is promised is so, an attack included, and a backup that was never made is not", () => {
  const report = verify("--attack");
  expect(found(report)).toEqual({});
  expect(results(report)).toEqual({
    "alert-path": of("alertmanager"),
    authorities: "ok",
    // none was made yet
    "backup-age": "unknown",
    "backup-drill": "unknown",
    ban: "ok",
    certificate: "ok",
    "container-health": "ok",
    "container-settings": "ok",
    "content-visible": "ok",
    "database-tls": "ok",
    dns: "skipped",
    "docker-tls": "skipped",
    "host-parts": "skipped",
    "host-watch": "skipped",
    "https-redirect": "ok",
    ipv6: "skipped",
    "metrics-sources": of("prometheus"),
    "network-isolation": "ok",
    outbound: "ok",
    "rate-limit": "ok",
    "reachable-ports": "ok",
    "security-headers": "ok",
    "sign-on-wall": "ok",
    "tls-versions": "ok",
    "upload-space": "ok",
  });
});

test("a person gets one line for each, with what to do", () => {
  const { status, stdout } = WIKI.command("verify");
  expect(status).toBe(2);
  expect(stdout).toMatch(/^ok {7}tls-versions {8}every name accepts TLS 1\.3 only$/m);
  expect(stdout).toMatch(/^skipped {2}host-parts {10}this environment does not configure the host$/m);
  expect(stdout).toMatch(/^unknown {2}backup-age {10}no backup was made yet → make one: npm run backup -- vrf$/m);
  expect(stdout).toMatch(/\n\n\d+ ok, 0 failed, 2 unknown, \d+ skipped\n$/);
});

test("a backup that was made, as the line says, is seen", () => {
  WIKI.must("backup");
  expect(results(verifyOnly("backup-age", "backup-drill"))).toEqual({ "backup-age": "ok", "backup-drill": "unknown" });
});

describe("certificates that end soon", () => {
  const inContainer = (service: string, script: string) => docker("exec", WIKI.container(service), "sh", "-c", script);
  const DATABASE_END = `mysql --defaults-file=/run/mysqld/health.cnf --ssl-mode=REQUIRED -NBe "show session status like 'Ssl_server_not_after'" | cut -f 2`;
  const days = (end: string) => Math.round((Date.parse(end) - Date.now()) / 86_400_000);
  const shownByDatabase = () => days(inContainer("bookstack-db", DATABASE_END));
  const shownByEdge = async () =>
    days(
      await new Promise<string>((resolve, reject) => {
        const options = { host: ADDRESS, port: WIKI.https, servername: "auth.wiki.localhost", rejectUnauthorized: false };
        const socket = connect(options, () => {
          resolve(socket.getPeerCertificate().valid_to);
          socket.destroy();
        }).on("error", reject);
      }),
    );
  const started = () => ["traefik", "bookstack-db"].map((service) => docker("inspect", "--format", "{{.State.StartedAt}}", WIKI.container(service)));

  test("are found, renewed automatically, and used without a restart", async () => {
    const before = started();
    // as if two years had passed: signed by the same CAs, with ten days left
    inContainer(
      "certificates",
      `sed 's/-days 825/-days 10/' /etc/certificates/create-secrets.sh >/tmp/short.sh && rm /store/edge.names /store/database.names &&
      sh /tmp/short.sh /etc/certificates/manifest /store /services renew`,
    );
    await until(async () => (await shownByEdge()) === 10 && shownByDatabase() === 10, 60, "both use the distributed certificates");
    const seen = found(verify());
    expect(seen.certificate).toContainEqual(naming(`https://auth.wiki.localhost:${WIKI.https}`, "9 days"));
    expect(seen["database-tls"]).toEqual([naming("database", "9 days")]);
    docker("restart", WIKI.container("certificates"));
    await until(async () => (await shownByEdge()) === 825 && shownByDatabase() === 825, 60, "both use the renewed ones");
    expect(started()).toEqual(before);
    if (!enabled) return;
    const left = () =>
      new Metrics(WIKI).query("certificate:remaining_seconds").map(({ metric, value }) => [metric.certificate, Math.round(Number(value[1]) / 86_400)]);
    await until(() => left().length === 4 && left().every(([, known]) => Number(known) > 800), 60, "Prometheus knows all ends");
    expect(left().sort()).toEqual([
      ["authority", 3650],
      ["database", 825],
      ["database-authority", 3650],
      ["edge", 825],
    ]);
  });

  test("an authority that is signed again prints its successor, and both count", async () => {
    const old = WIKI.must("ca");
    const renewed = WIKI.must("ca", "--renew");
    expect(renewed).not.toBe(old);
    const verified = (ca: string) =>
      new Promise<boolean>((resolve, reject) => {
        const socket = connect({ host: ADDRESS, port: WIKI.https, servername: "auth.wiki.localhost", ca, rejectUnauthorized: false }, () => {
          resolve(socket.authorized);
          socket.destroy();
        }).on("error", reject);
      });
    expect([await verified(old), await verified(renewed)]).toEqual([true, true]);
  });
});

describe("manual changes are found", () => {
  test("a database that was joined to the network with a way out", () => {
    docker("network", "connect", "vrf-proxy", WIKI.container("bookstack-db"));
    try {
      const seen = found(verifyOnly("container-settings", "network-isolation"));
      expect(seen["container-settings"]).toEqual([naming("bookstack-db", "vrf-proxy")]);
      expect(seen["network-isolation"]).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^bookstack-db reaches traefik at 10\.236\.1\.10:18436, on a network that they do not share$/),
          expect.stringMatching(/^traefik reaches bookstack-db at 10\.236\.1\.\d+:3306, on a network that they do not share$/),
        ]),
      );
    } finally {
      docker("network", "disconnect", "vrf-proxy", WIKI.container("bookstack-db"));
    }
  });

  test("a limit of memory that was raised", () => {
    docker("update", "--memory=1g", "--memory-swap=1g", TRAEFIK);
    try {
      expect(found(verifyOnly("container-settings"))["container-settings"]).toEqual([
        naming("traefik", "memory", 1024, 256),
        naming("traefik", "swap", 1024, 256),
      ]);
    } finally {
      docker("update", "--memory=256m", "--memory-swap=256m", TRAEFIK);
    }
  });

  test("a program on an unexpected port", async () => {
    const image = WIKI.summary().containers.find(({ name }) => name === WIKI.container("bookstack"))?.image ?? "";
    docker("run", "--detach", "--rm", "--name", "vrf-stray", "--publish", `${ADDRESS}:9091:9091`, "--entrypoint=php", image, "-S", "0.0.0.0:9091");
    try {
      await setTimeout(2000);
      expect(found(verifyOnly("reachable-ports"))).toEqual({ "reachable-ports": [naming("9091")] });
    } finally {
      docker("rm", "--force", "vrf-stray");
    }
  });

  test("a stopped portal: no access, and a finding", () => {
    docker("stop", WIKI.container("authelia"));
    try {
      const seen = found(verifyOnly("container-health", "sign-on-wall"));
      expect(seen["container-health"]).toEqual([naming("authelia")]);
      expect(seen["sign-on-wall"]?.[0]).toMatch(
        /^https:\/\/bookstack\.wiki\.localhost:18436\/ answers a browser without a session with 5\d\d, and does not redirect it to /,
      );
    } finally {
      docker("start", WIKI.container("authelia"));
    }
  });

  test("a detection that is stopped: an attack goes unpunished", async () => {
    await until(() => healthy(WIKI.container("authelia")), 60, "Authelia is healthy");
    docker("stop", WIKI.container("crowdsec"));
    try {
      expect(unseen(verifyOnly("ban")).ban).toEqual([expect.stringMatching(/^check failed to run: docker exec failed/)]);
    } finally {
      docker("start", WIKI.container("crowdsec"));
      await until(() => healthy(WIKI.container("crowdsec")), 90, "CrowdSec is healthy");
    }
  });

  test("backups that are too old, and a test of one that failed", () => {
    const file = `${METRICS_DIRECTORY}/backup.prom`;
    const kept = docker("exec", WIKI.container("backup"), "cat", file);
    const put = (text: string) =>
      succeeded(spawnSync("docker", ["exec", "--interactive", WIKI.container("backup"), "sh", "-c", `cat >${file}`], { input: text, encoding: "utf8" }));
    const now = Math.floor(Date.now() / 1000);
    put(
      `backup_last_success_timestamp_seconds ${now - 27 * 3600}\nbackup_last_attempt_success 1\nbackup_drill_success 0\nbackup_drill_last_attempt_timestamp_seconds ${now}\n`,
    );
    try {
      expect(found(verifyOnly("backup-age", "backup-drill"))).toEqual({
        "backup-age": [naming("27 hours")],
        "backup-drill": [naming("restore", "failed")],
      });
    } finally {
      put(`${kept}\n`);
    }
  });

  test("alerts that do not arrive", async () => {
    if (of("alertmanager") === "skipped") return;
    docker("stop", WIKI.container("prometheus"));
    // it forgets firing alerts, and does not get them again
    docker("restart", WIKI.container("alertmanager"));
    await until(() => healthy(WIKI.container("alertmanager")), 60, "Alertmanager is healthy");
    try {
      // shortly after the start nobody can know; three minutes later it is certain
      expect(unseen(verifyOnly("alert-path"))["alert-path"]).toEqual([expect.stringContaining("has no alert yet")]);
      await until(
        () => found(verifyOnly("alert-path"))["alert-path"]?.some((problem) => problem.includes("Watchdog")) === true,
        240,
        "verify says that none arrive",
      );
    } finally {
      docker("start", WIKI.container("prometheus"));
      await until(watched, 180, "alerts arrive again");
    }
  });

  test("an edge that is stopped: nothing from outside is as promised", async () => {
    docker("stop", TRAEFIK);
    try {
      const seenInside = of("prometheus") === "ok" ? ["metrics-sources"] : [];
      // Prometheus notices at its next scrape that Traefik gives no metrics
      for (const name of seenInside) await until(() => found(verifyOnly(name))[name] !== undefined, 90, `${name} is found`);
      const report = verify();
      expect(Object.keys(found(report)).sort()).toEqual(["certificate", "container-health", ...seenInside, "reachable-ports", "tls-versions"]);
      const notSeen = ["https-redirect", "network-isolation", "outbound", "rate-limit", "security-headers", "sign-on-wall"];
      expect(Object.keys(unseen(report))).toEqual(expect.arrayContaining(notSeen));
    } finally {
      docker("start", TRAEFIK);
      await until(() => healthy(TRAEFIK), 60, "Traefik is healthy");
    }
  });
});

describe("names", () => {
  const DOMAIN = "wiki.example.com";

  /** Findings of the check of names, if names below the domain point to `server`. */
  async function names(server: string): Promise<readonly string[] | undefined> {
    WIKI.write({ ...SETTINGS, domain: DOMAIN, dns: { provider: "none", ipv4: ADDRESS } });
    const stand = spawn(process.execPath, [join(__dirname, "support", "zone-stand-in.js"), DOMAIN, ADDRESS, "8053", "53", "none", server], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(stand.stdout, "data");
      const { stdout, stderr } = WIKI.askingAt(ADDRESS, "verify", "--json", "--only", "dns");
      if (stdout === "") throw new Error(stderr);
      return found(JSON.parse(stdout)).dns;
    } finally {
      stand.kill();
      WIKI.write(SETTINGS);
    }
  }

  test("that point to the host are OK, and those that point elsewhere are found", async () => {
    expect(await names(ADDRESS)).toBeUndefined();
    const wrong = await names("203.0.113.99");
    expect(wrong).toContain(`bookstack.${DOMAIN} points to 203.0.113.99, not to ${ADDRESS}`);
  });
});

test("links of another domain are changed by the command of the operator's manual", () => {
  const [line = ""] = shellBlocks(document("docs/operations/update.md")).filter((block) => block.includes("bookstack:update-url --force"));
  const [, ...args] = line
    .trim()
    .replace(/ \\\n\s*/, " ")
    .replace("local-bookstack", WIKI.container("bookstack"))
    .split(" ");
  expect(docker(...args)).toContain("URL update procedure complete");
});

describe("another edge in front", () => {
  /** Runs another web server instead of Traefik. */
  async function behind<T>(code: string, action: () => T): Promise<T> {
    const image = WIKI.summary().containers.find(({ name }) => name === WIKI.container("bookstack"))?.image ?? "";
    docker("stop", TRAEFIK);
    const ports = ["--publish", `${ADDRESS}:${WIKI.https}:443`, "--publish", `${ADDRESS}:${WIKI.http}:80`];
    docker("run", "--detach", "--rm", "--name", "vrf-impostor", ...ports, "--entrypoint=php", image, "-r", code);
    try {
      await setTimeout(3000);
      return action();
    } finally {
      docker("rm", "--force", "vrf-impostor");
      docker("start", TRAEFIK);
      await until(() => healthy(TRAEFIK), 60, "Traefik is healthy");
    }
  }

  test("that accepts TLS 1.2, has another certificate, no headers, no portal and no redirect, is found in each line", async () => {
    const seen = await behind(IMPOSTOR, () => found(verifyOnly("tls-versions", "certificate", "security-headers", "sign-on-wall", "https-redirect")));
    expect(seen).toMatchObject({
      "tls-versions": expect.arrayContaining(["https://bookstack.wiki.localhost:18436 also accepts TLSv1.2"]),
      certificate: expect.arrayContaining([expect.stringMatching(/bookstack\.wiki\.localhost:18436: (DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED)/)]),
      "security-headers": expect.arrayContaining(["https://auth.wiki.localhost:18436 answers without strict-transport-security"]),
      "sign-on-wall": expect.arrayContaining([expect.stringMatching(/answers a program without a session 200, not 401$/)]),
      "https-redirect": expect.arrayContaining([expect.stringMatching(/answers 200, not a redirect to/)]),
    });
  });
});

/** A server that answers every request with 200: over TLS of any version with its own new certificate, and without. */
const IMPOSTOR = `
$key = openssl_pkey_new();
$certificate = openssl_csr_sign(openssl_csr_new(["commonName" => "bookstack.wiki.localhost"], $key), null, $key, 1);
openssl_x509_export($certificate, $pem);
openssl_pkey_export($key, $text);
file_put_contents("/tmp/impostor.pem", $pem . $text);
$context = stream_context_create(["ssl" => ["local_cert" => "/tmp/impostor.pem", "crypto_method" => STREAM_CRYPTO_METHOD_TLSv1_2_SERVER | STREAM_CRYPTO_METHOD_TLSv1_3_SERVER]]);
$servers = [
  stream_socket_server("tls://0.0.0.0:443", $code, $message, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN, $context),
  stream_socket_server("tcp://0.0.0.0:80"),
];
while (true) {
  $ready = $servers;
  $none = null;
  stream_select($ready, $none, $none, null);
  foreach ($ready as $server) {
    $client = @stream_socket_accept($server, 2);
    if ($client === false) continue;
    fgets($client);
    fwrite($client, "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok");
    fclose($client);
  }
}`;
