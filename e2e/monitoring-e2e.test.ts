import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { LEAST } from "../__tests__/support/alerts";
import { DASHBOARDS } from "../constructs/monitoring/dashboard";
import { KEY_METRICS } from "../constructs/monitoring/key-metrics";
import { PROMETHEUS_UID } from "../constructs/monitoring/panel-json";
import { Browser } from "./support/browser";
import { Deployment, docker, healthy, succeeded, until } from "./support/deployment";
import { imagesHere } from "./support/images";
import { AlertSink, alertName, Metrics } from "./support/metrics";
import { Visitor } from "./support/portal";

const WIKI = new Deployment({ name: "mon", http: 18_681, https: 18_643, subnets: 225 });
const HOST = "bookstack.wiki.localhost";
const GATEWAY = "10.225.2.1";
const OPERATOR = "ops@wiki.localhost";
const SINK = new AlertSink(WIKI);
const METRICS = new Metrics(WIKI);
const NEIGHBOUR = `${WIKI.name}-neighbour`;
/** A disk that is small enough to fill. */
const DISK = join(tmpdir(), "secure-bookstack-monitoring");
/** Everything happens as it does elsewhere, in seconds in the place of minutes. */
const SETTINGS = {
  mail: { host: SINK.name, port: 2525, from: "wiki@wiki.localhost", tls: false },
  monitoring: { interval: "3s" },
  alerts: {
    email: OPERATOR,
    webhook: true,
    deadMan: true,
    pending: "6s",
    window: "40s",
    groupInterval: "5s",
    repeat: "1h",
    thresholds: { failedLogins: 2, restarts: 1, bans: 2 },
  },
};
/** Without backups and hardening, which this one does without, each panel knows something. */
const SHOWN = LEAST;
const missing = imagesHere().missingForMonitoring;
if (missing.length > 0) process.stderr.write(`skipped: monitoring, no image of ${missing.join(", ")}, and no stand-in\n`);
const describeIfImages = missing.length > 0 ? describe.skip : describe;

let image: string;
let browser: Browser;

beforeAll(() => {
  if (missing.length > 0) return;
  clean();
  WIKI.write(SETTINGS);
  for (const [secret, path] of Object.entries({ alert_webhook_url: "webhook", alert_dead_man_url: "dead-man" }))
    succeeded(WIKI.commandWith(`http://${SINK.name}:8080/${path}`, "secret", secret));
  WIKI.must("deploy");
  const { containers } = WIKI.summary();
  image = containers.find(({ name }) => name === WIKI.container("bookstack"))?.image ?? "";
  SINK.start(`${WIKI.name}-proxy`, image);
  docker("run", "--detach", "--rm", "--init", "--name", NEIGHBOUR, "--network", `${WIKI.name}-backend`, "--entrypoint", "sleep", image, "3600");
  browser = new Browser(HOST, WIKI.https, WIKI.must("ca"));
});

afterAll(clean);

function clean(): void {
  spawnSync("docker", ["rm", "--force", SINK.name, NEIGHBOUR], { stdio: "ignore" });
  spawnSync("umount", [DISK], { stdio: "ignore" });
  if (missing.length === 0) WIKI.clean();
}

/** Sends `signal` to the processes named `program` in the container of a service. */
function signal(service: string, program: string, name: string): void {
  const script = `for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" = "${program}" ] && kill -${name} "\${p#/proc/}"; done; :`;
  docker("exec", WIKI.container(service), "sh", "-c", script);
}

/** Status of a response to a client on the internal network. */
function statusOf(url: string, ...headers: readonly string[]): number {
  const args = headers.flatMap((header) => ["--header", header]);
  const curl = ["curl", "--silent", "--path-as-is", "--max-time", "20", "--output", "/dev/null", "--write-out", "%{http_code}", ...args, url];
  return Number(spawnSync("docker", ["exec", NEIGHBOUR, ...curl], { encoding: "utf8" }).stdout);
}

function sample(metric: string): number {
  return Number(METRICS.query(metric)[0]?.value[1] ?? Number.NaN);
}

describeIfImages("a second plan", () => {
  test("changes nothing", () => {
    const { status, stdout } = WIKI.command("plan", "--detailed-exitcode");
    expect([status, status === 0 ? "" : stdout]).toEqual([0, ""]);
  });
});

describeIfImages("Prometheus", () => {
  test("reads everything that there is, where the design has it", async () => {
    await until(() => METRICS.targets().every(({ health }) => health === "up"), 60, "every source can be read");
    const targets = METRICS.targets().map(({ job, url }) => `${job} ${url}`);
    expect(targets.sort()).toEqual([
      "alertmanager http://alertmanager:9093/metrics",
      "authelia http://authelia:9959/metrics",
      "bookstack http://bookstack:8080/metrics",
      "bookstack-db http://mysqld-exporter:9104/metrics",
      "crowdsec http://crowdsec:6060/metrics",
      "grafana http://grafana:3000/metrics",
      "node-exporter http://node-exporter:9100/metrics",
      "prometheus http://prometheus:9090/metrics",
      "traefik http://traefik:8080/metrics",
    ]);
  });

  test("has an answer to every question of every panel, and it is a number", async () => {
    const panels = DASHBOARDS().flatMap(({ id, rows }) => Object.values(rows(SHOWN)).flatMap((row) => row.map((panel) => ({ id, panel }))));
    const questions = panels.flatMap(({ id, panel }) =>
      panel.queries.filter(({ sparse = false }) => !sparse).map(({ expr }) => ({ where: `${id}: ${panel.title}`, expr })),
    );
    expect(questions.length).toBeGreaterThan(80);
    const unanswered = () =>
      questions.filter(({ expr }) => {
        const answers = METRICS.query(expr.replaceAll("$__rate_interval", "20s"));
        return answers.length === 0 || answers.some(({ value }) => !Number.isFinite(Number(value[1])));
      });
    // one series needs two readings before it has a rate
    await until(() => questions.slice(0, 1).length > 0 && METRICS.query("rate(container_cpu_seconds_total[20s])").length > 0, 40, "rates");
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    expect(unanswered().map(({ where, expr }) => `${where}: ${expr}`)).toEqual([]);
  });

  test("knows every container, its health, its limits and its restarts", () => {
    const running = METRICS.query("container_running == 1").map(({ metric }) => metric.container ?? "");
    const planned = WIKI.summary().containers.filter(({ kind }) => kind === "service");
    expect(running.sort()).toEqual(planned.map(({ name }) => name.slice(WIKI.name.length + 1)).sort());
    for (const { name, memoryMiB } of planned) {
      expect([name, sample(`container_memory_limit_bytes{container="${name.slice(WIKI.name.length + 1)}"}`)]).toEqual([name, memoryMiB * 2 ** 20]);
    }
    expect(METRICS.query("container_healthy == 1")).toHaveLength(planned.length);
    expect(METRICS.query("container_network_receive_bytes_total > 0").map(({ metric }) => metric.container)).toEqual(
      expect.arrayContaining(["traefik", "bookstack"]),
    );
  });
});

/** TCP ports on which something listens for others, by the kernel's table of the container's network namespace. */
function listening(container: string): number[] {
  const pid = docker("inspect", "--format", "{{.State.Pid}}", container);
  const rows = ["tcp", "tcp6"].flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, "utf8").split("\n").slice(1, -1));
  const sockets = rows.map((row) => row.trim().split(/\s+/)).filter(([, , , state]) => state === "0A");
  const ports = sockets.flatMap(([, local = ""]) => {
    const [address = "", port = ""] = local.split(":");
    // 127.0.0.0/8 and ::1, in the byte order of the machine
    return /7F$|^0{24}01000000$/.test(address) ? [] : [Number.parseInt(port, 16)];
  });
  return [...new Set(ports)].sort((a, b) => a - b);
}

describeIfImages("ports inside", () => {
  test("are those of the descriptions: each container listens on them, and on no other", () => {
    const services = WIKI.summary().containers.filter(({ kind, networks }) => kind === "service" && networks.length > 0);
    const published = (addresses: readonly string[]) =>
      addresses.filter((address) => !address.endsWith("/udp")).map((address) => Number(address.split(":").at(-1)));
    const described = services.map(({ name, listens, published: addresses }) => [name, [...listens, ...published(addresses)].sort((a, b) => a - b)] as const);
    expect(services.length).toBeGreaterThan(7);
    expect(Object.fromEntries(services.map(({ name }) => [name, listening(name)]))).toEqual(Object.fromEntries(described));
  });
});

describeIfImages("services on the host network", () => {
  const ports = { grafana: 3000, "node-exporter": 9100 };
  const others = ["127.0.0.1", "10.225.1.1", "10.225.3.1", ...addressesOfHost()].filter((address) => address !== GATEWAY);

  test.each(Object.entries(ports))("%s answers at the internal address of the host", async (_, port) => {
    expect(await connects(GATEWAY, port)).toBe(true);
  });

  test.each(Object.entries(ports).flatMap(([name, port]) => others.map((address) => [name, address, port] as const)))(
    "%s refuses a connection to %s",
    async (_, address, port) => {
      expect(await connects(address, port)).toBe(false);
    },
  );

  test("is reached through the edge", async () => {
    expect(new Set(others).size).toBeGreaterThan(2);
    const grafana = new Browser("grafana.wiki.localhost", WIKI.https, WIKI.must("ca"));
    expect(await grafana.ask("/api/health")).toMatchObject({ status: 200, body: expect.stringContaining('"database":"ok"') });
  });
});

/** IPv4 addresses of this machine that are not those of Docker's networks, which come and go. */
function addressesOfHost(): string[] {
  const named = Object.entries(networkInterfaces()).filter(([name]) => !/^(docker|br-|bs-|veth)/.test(name));
  return named.flatMap(([, addresses = []]) => addresses.filter(({ family }) => family === "IPv4").map(({ address }) => address));
}

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 3000 });
    const end = (connected: boolean) => {
      socket.destroy();
      resolve(connected);
    };
    socket
      .on("connect", () => end(true))
      .on("error", () => end(false))
      .on("timeout", () => end(false));
  });
}

describeIfImages("the wiki's own metrics", () => {
  test.each([
    ["/metrics", 200] as const,
    ...["/", "/login", "/status", "/index.php", "/index.php/metrics", "/metrics/", "/metricsx", "/server-status", "/dist/app.js"].map(
      (path) => [path, 403] as const,
    ),
  ])("on their own port: %s is answered with %i", (path, status) => {
    expect(statusOf(`http://bookstack:8080${path}`)).toBe(status);
  });

  test.each(["/metrics", "//metrics", "/./metrics", "/%6detrics", "/metrics/", "/index.php/metrics", "/server-status"])(
    "are not on the port of pages: %s",
    (path) => {
      expect([403, 404]).toContain(statusOf(`http://bookstack:3000${path}`));
    },
  );

  test.each([["Host: bookstack:8080"], ["X-Forwarded-Port: 8080"], ["BOOKSTACK_METRICS: 12"], ["X-Original-URL: /metrics"]])(
    "are not there for %s either",
    (header) => {
      expect([403, 404]).toContain(statusOf("http://bookstack:3000/metrics", header));
      expect(statusOf("http://bookstack:3000/login", header)).toBe(200);
    },
  );

  test("cannot be read through the edge", async () => {
    for (const path of ["/metrics", "/index.php/metrics", "/server-status"]) expect([403, 404]).toContain((await browser.ask(path)).status);
  });

  test("leave no session behind", () => {
    const sessions = () =>
      Number(succeeded(spawnSync("docker", ["exec", "--interactive", WIKI.container("bookstack"), "php"], { input: COUNT_SESSIONS, encoding: "utf8" })));
    const before = sessions();
    const read = Array.from({ length: 10 }, () => statusOf("http://bookstack:8080/metrics"));
    expect(read).toEqual(Array(10).fill(200));
    // the health check makes one, now and then
    expect(sessions() - before).toBeLessThan(5);
  });

  test("count who fails to get in, who gets in, and what they do", async () => {
    const failed = sample("bookstack_failed_logins_total");
    expect(await browser.signIn("first@wiki.localhost", "wrong")).toBe(false);
    const { administrator } = JSON.parse(WIKI.must("credentials", "--json"));
    expect(await browser.signIn(administrator.email, administrator.password)).toBe(true);
    await browser.makeBook("Measured");
    await until(() => sample('bookstack_entities{type="book"}') === 1 && sample("bookstack_logins_total") === 1, 20, "the book is counted");
    expect(sample("bookstack_failed_logins_total")).toBe(failed + 1);
    expect(sample("bookstack_sessions_active")).toBe(1);
    expect(sample("bookstack_http_request_duration_seconds_count")).toBeGreaterThan(5);
  });
});

/** With the application's own account. */
const COUNT_SESSIONS = `<?php require "/var/www/bookstack/vendor/autoload.php";
(require "/var/www/bookstack/bootstrap/app.php")->make(Illuminate\\Contracts\\Console\\Kernel::class)->bootstrap();
echo Illuminate\\Support\\Facades\\DB::table("sessions")->count();`;

/** Waits until messages about each of `wanted` arrived, by webhook and by mail. */
async function waitForAlerts(status: "firing" | "resolved", wanted: readonly string[], seconds: number): Promise<void> {
  const names = [...new Set(wanted.map((alert) => alert.split(" ")[0] ?? ""))];
  const subjects = names.map((name) => `[${status.toUpperCase()}] ${WIKI.name}: ${name}`);
  const left = () => [
    ...wanted.filter((alert) => !SINK.called(status).includes(alert)),
    ...subjects.filter((subject) => !SINK.mails(OPERATOR).includes(subject)),
  ];
  try {
    await until(() => left().length === 0, seconds, "all messages have arrived");
  } catch {
    const raised = METRICS.alerts().map(({ state, labels }) => `${state} ${alertName(labels)}`);
    expect({ notTold: left(), raised }).toEqual({ notTold: [], raised });
  }
}

describeIfImages("alerts", () => {
  test("arrive, when something is wrong, and again when it is over", async () => {
    const ca = WIKI.must("ca");
    for (let attempt = 0; attempt < 4; attempt += 1) {
      expect(await new Visitor({ domain: "wiki.localhost", port: WIKI.https, ca }).firstFactor("demo", "wrong")).toBe(401);
      expect(await new Browser(HOST, WIKI.https, ca).signIn("first@wiki.localhost", "wrong")).toBe(false);
    }
    const restore = shortCertificate();
    for (const address of [7, 8, 9]) docker("exec", WIKI.container("crowdsec"), "cscli", "decisions", "add", "--ip", `203.0.113.${address}`);
    fillDisk();
    // more than the wiki may have
    spawnSync("docker", ["exec", WIKI.container("bookstack"), "php", "-d", "memory_limit=-1", "-r", 'str_repeat("a", 2 ** 30);']);
    const wrong = ["CertificateEnds", "FailedLoginsPortal", "FailedLoginsWiki", "BansSurge", `DiskFull ${DISK}`, "ContainerOutOfMemory bookstack"];
    try {
      await waitForAlerts("firing", wrong, 90);
      expect(SINK.arrivals("/dead-man").length).toBeGreaterThan(0);
    } finally {
      restore();
      succeeded(spawnSync("umount", [DISK], { encoding: "utf8" }));
      rmdirSync(DISK);
      docker("exec", WIKI.container("crowdsec"), "cscli", "decisions", "delete", "--all");
    }
    await waitForAlerts("resolved", wrong, 150);
  });

  test("arrive for what does not run or does not answer, and for the errors that follow", async () => {
    signal("authelia", "authelia", "STOP");
    // not near the OOM kill: a restart close to it counts as an OOM kill, too
    signal("mysqld-exporter", "mysqld_exporter", "KILL");
    docker("stop", WIKI.container("bookstack"));
    for (let attempt = 0; attempt < 10; attempt += 1) expect((await browser.ask("/login")).status).toBeGreaterThanOrEqual(500);
    const wrong = ["ContainerDown bookstack", "ContainerRestarting mysqld-exporter", "TargetDown authelia", "WikiErrors", "ContainerUnhealthy authelia"];
    try {
      await waitForAlerts("firing", wrong, 120);
    } finally {
      docker("start", WIKI.container("bookstack"));
      signal("authelia", "authelia", "CONT");
    }
    await waitForAlerts("resolved", wrong, 150);
  });

  test("are held back where they follow from another one", async () => {
    const before = SINK.called("firing");
    docker("stop", WIKI.container("bookstack-db"));
    await waitForAlerts("firing", ["ContainerDown bookstack-db", "DatabaseDown"], 60);
    const raised = () => METRICS.alerts().filter(({ state }) => state === "firing");
    await until(
      () => raised().some(({ labels }) => labels.alertname === "WikiWithoutDatabase" || (labels.alertname === "TargetDown" && labels.job === "bookstack")),
      90,
      "the wiki notices",
    );
    const followers = ["WikiWithoutDatabase", "WikiErrors", "WikiSlow", "DatabaseConnections"];
    expect(SINK.called("firing").filter((name) => followers.includes(name) && !before.includes(name))).toEqual([]);
    docker("start", WIKI.container("bookstack-db"));
    await until(() => healthy(WIKI.container("bookstack-db")), 90, "the database is back");
    await waitForAlerts("resolved", ["ContainerDown bookstack-db", "DatabaseDown"], 90);
  });
});

/** Gives the edge a certificate that ends in five days; the function that comes back gives it its own again. */
function shortCertificate(): () => void {
  const volume = `${WIKI.name}-secrets-traefik`;
  const inVolume = (script: string, input = "") =>
    succeeded(
      spawnSync("docker", ["run", "--rm", "--interactive", "--user", "0:0", "--volume", `${volume}:/it`, "--entrypoint", "sh", image, "-ec", script], {
        input,
        encoding: "utf8",
      }),
    );
  const kept = inVolume("cat /it/edge.crt /it/edge.key");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const keyFile = join(tmpdir(), `${WIKI.name}.key`);
  writeFileSync(keyFile, key, { mode: 0o600 });
  const request = ["req", "-x509", "-new", "-key", keyFile, "-days", "5", "-subj", `/CN=${HOST}`, "-addext", `subjectAltName=DNS:${HOST}`];
  const certificate = succeeded(spawnSync("openssl", request, { encoding: "utf8" }));
  const put = (pem: string) => {
    const script = "cat >/tmp/it; sed -n '/BEGIN CERT/,/END CERT/p' /tmp/it >/it/edge.crt; sed -n '/BEGIN.*KEY/,/END.*KEY/p' /tmp/it >/it/edge.key";
    inVolume(script, pem);
    docker("restart", WIKI.container("traefik"));
  };
  put(certificate + key);
  return () => put(kept);
}

function fillDisk(): void {
  mkdirSync(DISK, { recursive: true });
  succeeded(spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", DISK], { encoding: "utf8" }));
  writeFileSync(join(DISK, "full"), Buffer.alloc(4_000_000));
}

describeIfImages("what the documents say", () => {
  const text = readFileSync(join(__dirname, "..", "docs", "alerts.md"), "utf8").replace(/ \\\n\s*/g, " ");
  const commands = text.match(/^docker exec local-alertmanager .*$/gm) ?? [];

  test.each(commands)("%s", (command) => {
    const { status, stdout } = spawnSync("sh", ["-c", command.replace("local-", `${WIKI.name}-`)], { encoding: "utf8" });
    expect([status, stdout]).toEqual([0, expect.stringMatching(command.includes("silence") ? /^[0-9a-f-]{36}\n$/ : /Watchdog/)]);
  });

  test("is more than one command", () => {
    expect(commands).toHaveLength(2);
  });
});

describeIfImages("what it costs", () => {
  const parts = ["prometheus", "alertmanager", "grafana", "node-exporter", "mysqld-exporter", "container-metrics"];

  test.each(parts)("%s needs less than three quarters of the memory that it may have", (part) => {
    expect(sample(`container_memory_working_set_bytes{container="${part}"} / container_memory_limit_bytes`)).toBeLessThan(0.75);
  });
});

describeIfImages("what is shown", () => {
  test("is provisioned with the source that the panels ask, and names every key metric", () => {
    const mounted = docker(
      "inspect",
      "--format",
      '{{range .Mounts}}{{if eq .Destination "/etc/grafana-wiki"}}{{.Name}}{{end}}{{end}}',
      WIKI.container("grafana"),
    );
    const files = docker(
      "run",
      "--rm",
      "--volume",
      `${mounted}:/it:ro`,
      "--entrypoint",
      "sh",
      image,
      "-c",
      "cat /it/provisioning/datasources/*.yaml /it/dashboards/*.json",
    );
    expect(files).toContain(`uid: ${PROMETHEUS_UID}`);
    for (const metric of Object.values(KEY_METRICS).flat()) expect(files).toMatch(new RegExp(`"title": "${metric.replace(/[()/]/g, "\\$&")}`));
  });
});
