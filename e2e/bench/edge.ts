import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Credentials } from "../../lib/cli/commands/credentials";
import { Deployment, docker, succeeded } from "../support/deployment";
import { imageOf } from "../support/images";
import { AlertSink } from "../support/metrics";
import { Visitor } from "../support/portal";
import { flag } from "./flags";
import type { Side } from "./load-generator";

/** PHP that makes a book of pages in a wiki. */
export const SEED = readFileSync(join(__dirname, "..", "support", "book-of-pages.php"), "utf8");
const HOST = "bookstack.wiki.localhost";
/** The usual limits would refuse what a benchmark asks for. */
const RATE_LIMIT = { perMinute: 60_000, burst: 10_000 };

/** A whole environment for benchmarks. */
export class Edge {
  public readonly wiki: Deployment;
  public readonly sink: AlertSink;

  constructor(
    name: string,
    port: number,
    private readonly subnets: number,
  ) {
    this.wiki = new Deployment({ name, http: port, https: port + 1, subnets });
    this.sink = new AlertSink(this.wiki);
  }

  /** Writes the environment: the defaults, a rate limit that does not count, and a trusted proxy, so that each client has an address of its own. */
  public write(more: Readonly<Record<string, unknown>> = {}): void {
    this.wiki.write({
      users: [{ name: "bench", displayName: "Bench", email: "bench@wiki.localhost", groups: ["admin"] }],
      signOn: { session: "8h", inactivity: "8h" },
      mail: { host: this.sink.name, port: 2525, from: "wiki@wiki.localhost", tls: false },
      access: { proxies: [`10.${this.subnets}.1.1/32`] },
      traefik: { rateLimit: { perMinute: 60_000, burst: 1000, signedIn: RATE_LIMIT, api: RATE_LIMIT } },
      ...(flag("appsec", 0) === 1 ? { crowdsec: { appsec: true } } : {}),
      ...more,
    });
  }

  public clean(): void {
    spawnSync("docker", ["rm", "--force", "--volumes", this.sink.name], { stdio: "ignore" });
    this.wiki.clean();
  }

  /** Deploys, fills the wiki, and signs in. */
  public async start(): Promise<Side> {
    this.write();
    this.wiki.must("deploy");
    this.sink.start(`${this.wiki.name}-proxy`, imageOf("bookstack"));
    const seed = ["exec", "--interactive", this.wiki.container("bookstack"), "sh", "/etc/bookstack/entrypoint.sh", "php", "--", "1"];
    succeeded(spawnSync("docker", seed, { input: SEED, encoding: "utf8" }));
    return this.signIn();
  }

  private async signIn(): Promise<Side> {
    const visitor = new Visitor({ domain: "wiki.localhost", port: this.wiki.https, ca: this.wiki.must("ca") });
    const { users }: Credentials = JSON.parse(this.wiki.must("credentials", "--json"));
    const password = users.find(({ name }) => name === "bench")?.password ?? "";
    const status = await visitor.firstFactor("bench", password);
    if (status !== 200) throw new Error(`the portal answered ${status} to the password`);
    const device = await visitor.enrol(() => this.lastMail());
    await visitor.secondFactor(device);
    const home = await visitor.visit(visitor.url("bookstack"));
    if (home.status !== 200) throw new Error(`the wiki answered ${home.status} after the sign-in`);
    const headers = { host: `${HOST}:${this.wiki.https}`, cookie: visitor.cookiesFor(HOST) };
    return { name: "edge", url: `https://127.0.0.1:${this.wiki.https}`, servername: HOST, headers };
  }

  private lastMail(): string {
    for (let second = 0; second < 20; second++) {
      const mail = (this.sink.arrivals("mailto:bench@wiki.localhost") as readonly { mail?: string }[]).at(-1)?.mail;
      if (mail !== undefined) return mail.replaceAll("\r", "");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    }
    throw new Error("the portal sent no mail");
  }

  /** A file of a container. */
  public file(service: string, path: string): string {
    return docker("exec", this.wiki.container(service), "cat", path);
  }
}
