import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Credentials } from "../../lib/cli/commands/credentials";
import { runSync } from "../support/bounded";
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

/** The user whose session all requests of a load share, and the group of every user. */
export const SESSION_USER = "bench";
export const GROUP = "admin";
/** Last byte of the address of the first user; those of the load generator begin at 1. */
const FIRST_USER_ADDRESS = 200;

/** A user of the portal. */
export interface Enrolled {
  readonly name: string;
  readonly password: string;
  /** Secret of the device that makes one-time codes. */
  readonly device: string;
}

/** A whole environment for benchmarks. */
export class Edge {
  public readonly wiki: Deployment;
  public readonly sink: AlertSink;
  private readonly users: readonly string[];
  private ca: string | undefined;

  constructor(
    name: string,
    port: number,
    private readonly subnets: number,
    /** Number of users beside the one whose session all requests share. */
    more = 0,
    /** Script that runs its commands, with something on top. @default - the commands as they are */
    entry?: string,
  ) {
    this.users = [SESSION_USER, ...Array.from({ length: more }, (_, index) => `bench${index}`)];
    this.wiki = new Deployment({ name, http: port, https: port + 1, subnets, ...(entry === undefined ? {} : { entry }) });
    this.sink = new AlertSink(this.wiki);
  }

  /** Writes the environment: the defaults, a rate limit that does not count, and a trusted proxy, so that each client has an address of its own. */
  public write(more: Readonly<Record<string, unknown>> = {}): void {
    this.wiki.write({
      users: this.users.map((name) => ({ name, displayName: name, email: `${name}@wiki.localhost`, groups: [GROUP] })),
      signOn: { session: "8h", inactivity: "8h" },
      mail: { host: this.sink.name, port: 2525, from: "wiki@wiki.localhost", tls: false },
      access: { proxies: [`10.${this.subnets}.1.1/32`] },
      traefik: { rateLimit: { perMinute: 60_000, burst: 1000, signedIn: RATE_LIMIT, api: RATE_LIMIT } },
      ...(flag("appsec", 0) === 1 ? { crowdsec: { appsec: true } } : {}),
      ...more,
    });
  }

  public clean(): void {
    runSync("docker", ["rm", "--force", "--volumes", this.sink.name]);
    this.wiki.clean();
  }

  /** Deploys, fills the wiki, and signs in. */
  public async start(more: Readonly<Record<string, unknown>> = {}): Promise<Side> {
    this.write(more);
    this.wiki.must("deploy");
    // a deployment that was removed had another one
    this.ca = undefined;
    this.sink.start(`${this.wiki.name}-proxy`, imageOf("bookstack"));
    const seed = ["exec", "--interactive", this.wiki.container("bookstack"), "sh", "/etc/bookstack/entrypoint.sh", "php", "--", "1"];
    succeeded(runSync("docker", seed, { input: SEED }));
    return this.signIn();
  }

  private async signIn(): Promise<Side> {
    const [first] = await this.enrolled([SESSION_USER]);
    const visitor = await this.signedIn(first as Enrolled);
    const headers = { host: `${HOST}:${this.wiki.https}`, cookie: visitor.cookiesFor(HOST) };
    return { name: "edge", url: `https://127.0.0.1:${this.wiki.https}`, servername: HOST, headers };
  }

  /** The users but the first, each with a device that makes one-time codes. */
  public others(): Promise<Enrolled[]> {
    return this.enrolled(this.users.slice(1));
  }

  /** Opens the wiki, gives password and one-time code to the portal, and opens the wiki again. */
  public async signedIn({ name, password, device }: Enrolled): Promise<Visitor> {
    const visitor = this.visitor(name);
    await visitor.visit(visitor.url("bookstack"));
    const status = await visitor.firstFactor(name, password);
    if (status !== 200) throw new Error(`the portal answered ${status} to the password of ${name}`);
    const code = await visitor.secondFactor(device);
    if (code !== 200) throw new Error(`the portal answered ${code} to the code of ${name}`);
    const home = await visitor.visit(visitor.url("bookstack"));
    if (home.status !== 200 || !home.url.startsWith(visitor.url("bookstack"))) throw new Error(`the wiki answered ${home.status} after the sign-in`);
    return visitor;
  }

  private async enrolled(names: readonly string[]): Promise<Enrolled[]> {
    const { users }: Credentials = JSON.parse(this.wiki.must("credentials", "--json"));
    const all: Enrolled[] = [];
    for (const name of names) {
      const password = users.find((user) => user.name === name)?.password ?? "";
      const visitor = this.visitor(name);
      const status = await visitor.firstFactor(name, password);
      if (status !== 200) throw new Error(`the portal answered ${status} to the password of ${name}`);
      all.push({ name, password, device: await visitor.enrol(() => this.lastMail(name)) });
    }
    return all;
  }

  /** A browser of a user, with an address of its own: the portal sends only a few codes to one address. */
  private visitor(name: string): Visitor {
    this.ca ??= this.wiki.must("ca");
    const headers = { "x-forwarded-for": `198.51.100.${FIRST_USER_ADDRESS + this.users.indexOf(name)}` };
    return new Visitor({ domain: "wiki.localhost", port: this.wiki.https, ca: this.ca, headers });
  }

  private lastMail(name: string): string {
    for (let second = 0; second < 20; second++) {
      const mail = (this.sink.arrivals(`mailto:${name}@wiki.localhost`) as readonly { mail?: string }[]).at(-1)?.mail;
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
