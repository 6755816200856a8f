import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { connect, constants } from "node:http2";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { read, testApp } from "../../__tests__/support/plan";
import { QUEUE_DIRECTORY } from "../../constructs/edge/traefik/request-queue";
import type { Environment } from "../../lib/environment/schema";
import { WikiStack } from "../../lib/stack/wiki-stack";
import { docker, succeeded, until } from "./deployment";
import { imageOf } from "./images";

/** One line of the access log. */
export type AccessLogLine = Readonly<Record<string, unknown>>;

/** What is asked of the edge. */
export interface Asked {
  readonly host: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds after which the client closes the connection. @default - it waits for the answer */
  readonly patience?: number;
}

/** An address that CrowdSec decided to ban, and why. */
export interface Ban {
  readonly address: string;
  readonly scenario: string;
}

/** By which the edge would ask CrowdSec; here it does not reach it. */
const BOUNCER_KEY = randomBytes(16).toString("hex");

/**
 * Traefik and CrowdSec as the environment has them, with nothing deployed: the files of the plan in containers of the real programs, and a
 * stand-in for the services behind.
 */
export class EdgeAlone {
  private readonly files: ReturnType<ReturnType<typeof read>["files"]>;

  constructor(
    private readonly environment: Environment,
    /** Port of this machine that is forwarded to Traefik. */
    private readonly port: number,
    /** Network of the containers: clients on this machine come from its first address. */
    private readonly subnet: string,
  ) {
    this.files = read(new WikiStack(testApp(), environment)).files();
  }

  /** Text of a file that a service reads. */
  public file(service: string, path: string): string {
    const name = `${this.environment.name}-${service}`;
    const found = this.files.find((file) => file.container === name && file.path === path);
    if (!found) throw new Error(`${name} has no file ${path}`);
    return found.text;
  }

  /** Starts Traefik, and by default CrowdSec. */
  public async start({ crowdsec = true } = {}): Promise<void> {
    this.remove();
    docker("network", "create", "--subnet", this.subnet, this.name("network"));
    this.startServices();
    this.startTraefik();
    if (crowdsec) this.startCrowdSec();
    const session = { Cookie: "authelia_session=valid-alice" };
    const answers = async (host: string) => (await this.ask({ host, path: "/", headers: session }).catch(() => 0)) === 200;
    await until(async () => (await answers("bookstack")) && (await answers("auth")), 60, "Traefik routes to both services");
    if (crowdsec) await until(() => spawnSync("docker", ["exec", this.name("crowdsec"), "cscli", "lapi", "status"]).status === 0, 90, "CrowdSec answers");
  }

  public remove(): void {
    for (const service of ["traefik", "crowdsec", "services"]) spawnSync("docker", ["rm", "--force", "--volumes", this.name(service)], { stdio: "ignore" });
    spawnSync("docker", ["network", "rm", this.name("network")], { stdio: "ignore" });
  }

  /** Status of the answer; 0 when the client did not wait for it. */
  public ask({ host, path, method = "GET", headers = {}, body, patience }: Asked): Promise<number> {
    const hostName = `${host}.${this.environment.domain}`;
    const options = { host: "127.0.0.1", port: this.port, servername: hostName, path, method, rejectUnauthorized: false };
    return new Promise((resolve, reject) => {
      const asked = request({ ...options, headers: { Host: hostName, ...headers } }, (answer: IncomingMessage) => {
        answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
        answer.on("error", reject);
      });
      asked.on("error", (error) => (patience === undefined ? reject(error) : resolve(0)));
      if (patience !== undefined) setTimeout(() => asked.destroy(), patience);
      asked.end(body);
    });
  }

  /** A request by HTTP/2 whose client reads the status and nothing of the body, and then cancels it. */
  public takeStatusOnly(path: string, headers: Readonly<Record<string, string>>): Promise<number> {
    const hostName = `bookstack.${this.environment.domain}`;
    const settings = { settings: { initialWindowSize: 0 }, servername: hostName, rejectUnauthorized: false };
    return new Promise((resolve, reject) => {
      const session = connect(`https://127.0.0.1:${this.port}`, settings).on("error", reject);
      const stream = session.request({ ":path": path, ":authority": hostName, ...headers });
      stream.on("error", reject).on("response", ({ ":status": status }) => {
        setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), 200);
        stream.on("close", () => session.close(() => resolve(status ?? 0)));
      });
    });
  }

  public accessLog(): AccessLogLine[] {
    return docker("exec", this.name("traefik"), "cat", "/var/log/traefik/access.log")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  }

  /** Lets CrowdSec read a log as if its time went by again, and gives the bans that it decided on. */
  public replay(type: string, log: string): Ban[] {
    const script = 'cat >"/tmp/$0.log"; crowdsec -c /etc/crowdsec/config.yaml -dsn "file:///tmp/$0.log" -type "$0" -no-api 2>&1; rm "/tmp/$0.log"';
    const run = ["exec", "--interactive", this.name("crowdsec"), "sh", "-c", script, type];
    const output = succeeded(spawnSync("docker", run, { input: log, encoding: "utf8", maxBuffer: 256 * 2 ** 20 }));
    if (!output.includes("Acquisition is finished")) throw new Error(output.slice(-2000));
    return this.bans();
  }

  /** Every ban so far, whether or not its time is over. */
  private bans(): Ban[] {
    const list = ["alerts", "list", "--limit", "0", "--output", "json"];
    const alerts: { scenario: string; source: { value: string }; decisions: { type: string }[] | null }[] =
      JSON.parse(docker("exec", this.name("crowdsec"), "cscli", ...list)) ?? [];
    return alerts.filter(({ decisions }) => decisions?.some(({ type }) => type === "ban")).map(({ scenario, source }) => ({ scenario, address: source.value }));
  }

  private name(part: string): string {
    return `${this.environment.name}-${part}`;
  }

  private startServices(): void {
    const network = ["--network", this.name("network"), "--network-alias", "authelia", "--network-alias", "bookstack"];
    const create = [
      "create",
      "--name",
      this.name("services"),
      "--init",
      "--env",
      "PHP_CLI_SERVER_WORKERS=8",
      "--user",
      "1000:1000",
      ...network,
      "--entrypoint",
      "sh",
    ];
    docker(...create, imageOf("bookstack"), "-c", "php -S 0.0.0.0:9091 /services.php & exec php -S 0.0.0.0:3000 /services.php");
    this.copy("services", { "services.php": readFileSync(join(__dirname, "edge-services.php"), "utf8") }, "/");
    docker("start", this.name("services"));
  }

  private startTraefik(): void {
    const published = ["--publish", `127.0.0.1:${this.port}:443`];
    const log = ["--tmpfs", "/var/log/traefik:rw,mode=1777"];
    const create = ["create", "--name", this.name("traefik"), "--user", "65532:65532", "--network", this.name("network"), ...published, ...log];
    docker(...create, "--entrypoint", "traefik", imageOf("traefik"), "--configFile=/etc/traefik/traefik.yml");
    this.copyConfig("traefik", "/etc/traefik");
    this.copyConfig("traefik", QUEUE_DIRECTORY, "traefik-queue");
    this.copy("traefik", { ...certificate(this.environment.domain), bouncer_key_traefik: BOUNCER_KEY }, "/run/secrets");
    docker("start", this.name("traefik"));
  }

  private startCrowdSec(): void {
    const create = ["create", "--name", this.name("crowdsec"), "--network", "none", "--volume", "/var/lib/crowdsec/data", "--env", "NO_HUB_UPGRADE=true"];
    docker(...create, "--entrypoint", "sh", imageOf("crowdsec"), "/config/start.sh");
    this.copyConfig("crowdsec", "/config");
    this.copy("crowdsec", { bouncer_key_traefik: BOUNCER_KEY }, "/run/secrets");
    docker("start", this.name("crowdsec"));
  }

  /** Files of the plan, where the container of a service reads them. */
  private copyConfig(service: string, directory: string, volume = service): void {
    const own = this.files.filter(({ container }) => container === this.name(volume));
    this.copy(service, Object.fromEntries(own.map(({ path, text }) => [path, text])), directory);
  }

  private copy(service: string, files: Readonly<Record<string, string>>, directory: string): void {
    const folder = mkdtempSync(join(tmpdir(), "edge-alone-"));
    try {
      for (const [path, text] of Object.entries(files)) {
        const target = join(folder, directory, path);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, text);
      }
      chmodSync(folder, 0o755);
      docker("cp", `${folder}/.`, `${this.name(service)}:/`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

/** A certificate for every host name below the domain. */
function certificate(domain: string): Record<"edge.crt" | "edge.key", string> {
  const folder = mkdtempSync(join(tmpdir(), "edge-alone-"));
  const [key, crt] = [join(folder, "edge.key"), join(folder, "edge.crt")];
  const names = `subjectAltName=DNS:*.${domain}`;
  const options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", `/CN=${domain}`, "-addext", names, "-days", "2"];
  try {
    succeeded(spawnSync("openssl", ["req", "-x509", ...options, "-keyout", key, "-out", crt], { encoding: "utf8" }));
    return { "edge.crt": readFileSync(crt, "utf8"), "edge.key": readFileSync(key, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
