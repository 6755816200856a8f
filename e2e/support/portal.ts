import { createHmac } from "node:crypto";
import { request as httpsRequest } from "node:https";

export interface PortalAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface PortalAsk {
  readonly method?: string;
  readonly json?: object;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Time to wait for an answer. @default 60 */
  readonly seconds?: number;
}

/** Where the environment of a test is reached. */
export interface Site {
  readonly domain: string;
  readonly port: number;
  readonly ca: string;
  /** Address where all names are reached. @default 127.0.0.1 */
  readonly address?: string;
  /** Headers of each request, as a proxy in front adds them. @default - none */
  readonly headers?: Readonly<Record<string, string>>;
}

interface Cookie {
  readonly value: string;
  readonly domain: string;
  /** Time after which a browser no longer has it. */
  readonly until: number;
}

/** Longest that a request is repeated because of a rate limit. */
const PATIENCE_SECONDS = 180;
/** Most redirects that a person would sit through. */
const PATIENCE = 12;

/** One person with one browser: cookies of several hosts, redirects, the portal's forms, and BookStack's login page that submits itself. */
export class Visitor {
  private readonly cookies = new Map<string, Cookie>();

  constructor(private readonly site: Site) {}

  /** `https://<host>.<domain>:<port><path>`, without the port where it is the usual one. */
  public url(host: string, path = "/"): string {
    return `https://${this.withPort(`${host}.${this.site.domain}`)}${path}`;
  }

  private withPort(hostname: string): string {
    return this.site.port === 443 ? hostname : `${hostname}:${this.site.port}`;
  }

  /** One request as a browser makes it, without following redirects. On 429 it waits for Retry-After, if that is not too long, and repeats the request. */
  public async ask(url: string, ask: PortalAsk = {}): Promise<PortalAnswer> {
    for (let left = PATIENCE_SECONDS; ; ) {
      const answer = await this.askOnce(url, ask);
      const wait = Number(answer.headers["retry-after"]) + 1;
      if (answer.status !== 429 || Number.isNaN(wait)) return answer;
      left -= wait;
      if (left < 0) throw new Error(`429 from ${url}, which asks to wait ${wait} s more; ${PATIENCE_SECONDS} s in all are too long`);
      await new Promise((resolve) => setTimeout(resolve, wait * 1000));
    }
  }

  /** The same without waiting when the rate limit is exceeded. */
  public askOnce(url: string, { method = "GET", json, form, headers = {}, seconds = 60 }: PortalAsk): Promise<PortalAnswer> {
    const { hostname, pathname, search } = new URL(url);
    // as it is written: a URL object would tidy the path up
    const path = url.replace(/^https:\/\/[^/]+/, "").replace(/#.*$/, "") || pathname + search;
    const body = json ? JSON.stringify(json) : form && new URLSearchParams(form).toString();
    const type = json ? "application/json" : "application/x-www-form-urlencoded";
    const cookie = this.cookiesFor(hostname);
    const sent = {
      host: this.withPort(hostname),
      accept: json ? "application/json" : "text/html",
      "user-agent": "Mozilla/5.0 (e2e)",
      ...(cookie === "" ? {} : { cookie }),
      ...(body === undefined ? {} : { "content-type": type, "content-length": `${Buffer.byteLength(body)}` }),
      ...this.site.headers,
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const { port, ca, address = "127.0.0.1" } = this.site;
      const options = { host: address, port, servername: hostname, path, method, headers: sent, ca, agent: false, timeout: seconds * 1000 };
      const request = httpsRequest(options, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => (text += chunk));
        response.on("end", () => {
          this.keep(hostname, response.headers["set-cookie"] ?? []);
          resolve({ status: response.statusCode ?? 0, location: response.headers.location, headers: response.headers, body: text });
        });
      });
      request.on("timeout", () => request.destroy(new Error(`no answer within ${seconds} s`)));
      request.on("error", reject);
      request.end(body);
    });
  }

  /** Header `Cookie` of a request to a host. */
  public cookiesFor(hostname: string): string {
    return [...this.cookies]
      .filter(([, { until }]) => until > Date.now())
      .filter(([, { domain }]) => hostname === domain || hostname.endsWith(`.${domain}`))
      .map(([key, { value }]) => `${key.split(" ")[1]}=${value}`)
      .join("; ");
  }

  /** Follows redirects and BookStack's page that submits itself, to the page that a user sees. */
  public async visit(url: string): Promise<PortalAnswer & { readonly url: string }> {
    let here = url;
    let answer = await this.ask(here);
    for (let step = 0; step < PATIENCE; step++) {
      const form = answer.status === 200 && /<form[^>]+action="([^"]+\/oidc\/login)"/.exec(answer.body);
      if (form) {
        here = form[1] ?? "";
        answer = await this.ask(here, { method: "POST", form: { _token: token(answer.body) } });
      } else if (answer.location !== undefined) {
        here = new URL(answer.location, here).href;
        answer = await this.ask(here);
      } else return { ...answer, url: here };
    }
    throw new Error(`still redirected after ${PATIENCE} steps, now to ${here}`);
  }

  /** Password at the portal. The status: 200 when it was right, 401 when not, or when the account is closed. */
  public async firstFactor(username: string, password: string): Promise<number> {
    const json = { username, password, keepMeLoggedIn: false, targetURL: this.url("bookstack"), requestMethod: "GET" };
    return (await this.ask(this.url("auth", "/api/firstfactor"), { method: "POST", json })).status;
  }

  /** One-time code at the portal; waits when all that count now were used. */
  public async secondFactor(secret: string): Promise<number> {
    const json = { token: await nextCode(secret), targetURL: this.url("bookstack") };
    return (await this.ask(this.url("auth", "/api/secondfactor/totp"), { method: "POST", json })).status;
  }

  /** Shows the portal that it is still the same person, by the code that `read` finds in the last message. */
  public async elevate(read: () => string): Promise<void> {
    const url = this.url("auth", "/api/user/session/elevation");
    await this.expect(url, { method: "POST", json: {} });
    await this.expect(url, { method: "PUT", json: { otc: oneTimeCode(read()) } });
  }

  /** Enrols a device that makes one-time codes, as the portal's page does; gives its secret. */
  public async enrol(read: () => string): Promise<string> {
    await this.elevate(read);
    const url = this.url("auth", "/api/secondfactor/totp/register");
    const answer = await this.expect(url, { method: "PUT", json: { algorithm: "SHA1", length: 6, period: 30 } });
    const secret: string = JSON.parse(answer.body).data.base32_secret;
    await this.expect(url, { method: "POST", json: { token: await nextCode(secret) } });
    return secret;
  }

  /** Chooses another password at the portal. */
  public async changePassword(username: string, oldPassword: string, newPassword: string, read: () => string): Promise<void> {
    await this.elevate(read);
    const json = { username, old_password: oldPassword, new_password: newPassword };
    await this.expect(this.url("auth", "/api/change-password"), { method: "POST", json });
  }

  /** Signs out of BookStack with its button; returns the URL of the redirect. */
  public async signOut(): Promise<string | undefined> {
    const page = await this.ask(this.url("bookstack", "/"));
    return (await this.ask(this.url("bookstack", "/oidc/logout"), { method: "POST", form: { _token: token(page.body) } })).location;
  }

  /** The same browser once more, as it is now. */
  public copy(): Visitor {
    const twin = new Visitor(this.site);
    for (const [key, cookie] of this.cookies) twin.cookies.set(key, cookie);
    return twin;
  }

  /** Gets the cookies of another visitor that `which` names, as if that one had used this browser. */
  public take(other: Visitor, which: (name: string) => boolean): void {
    for (const [key, cookie] of other.cookies) if (which(key.split(" ")[1] ?? "")) this.cookies.set(key, cookie);
  }

  /** Forgets the cookies of the hosts that `which` names. */
  public forget(which: (name: string, domain: string) => boolean): void {
    for (const [key, { domain }] of this.cookies) if (which(key.split(" ")[1] ?? "", domain)) this.cookies.delete(key);
  }

  private async expect(url: string, ask: PortalAsk): Promise<PortalAnswer> {
    const answer = await this.ask(url, ask);
    if (answer.status !== 200) throw new Error(`${ask.method} ${url}: ${answer.status} ${answer.body.slice(0, 300)}`);
    return answer;
  }

  private keep(hostname: string, lines: readonly string[]): void {
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const domain = /;\s*domain=\.?([^;]+)/i.exec(line)?.[1] ?? hostname;
      const until = Date.parse(/;\s*expires=([^;]+)/i.exec(line)?.[1] ?? "") || Number.POSITIVE_INFINITY;
      if (name !== undefined && value !== undefined) this.cookies.set(`${domain} ${name}`, { value, domain, until });
    }
  }
}

/** The hidden token of a page of BookStack's. */
export function token(html: string): string {
  const found = /name="_token" value="([^"]+)"|<meta name="token" content="([^"]+)"/.exec(html);
  return found?.[1] ?? found?.[2] ?? "";
}

/** The code in a message of the portal, on a separate line. */
export function oneTimeCode(message: string): string {
  const code = /^[A-Z0-9]{8}$/m.exec(message)?.[0];
  if (code === undefined) throw new Error("the portal's last message holds no code");
  return code;
}

const STEP_SECONDS = 30;

/** Secret → step of the last used code: none is valid twice. */
const used = new Map<string, number>();

/** Waits until there is a code that was not used; the portal takes that of the step before and of the next one, too. */
export async function codeReady(secret: string): Promise<void> {
  while ((used.get(secret) ?? 0) > timeStep()) await new Promise((resolve) => setTimeout(resolve, 500));
}

/** A code that was not used; waits for it. */
export async function nextCode(secret: string): Promise<string> {
  await codeReady(secret);
  const step = Math.max(timeStep() - 1, (used.get(secret) ?? 0) + 1);
  used.set(secret, step);
  return totp(secret, step);
}

function timeStep(): number {
  return Math.floor(Date.now() / 1000 / STEP_SECONDS);
}

/** Six digits by RFC 6238. */
function totp(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", base32(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return `${(mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000}`.padStart(6, "0");
}

function base32(text: string): Buffer {
  const bits = [...text.replace(/=+$/, "")].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** Makes an API token as a person does; `id:secret`. */
export async function makeToken(visitor: Visitor): Promise<string> {
  const profile = await visitor.visit(visitor.url("bookstack", "/my-account/auth"));
  const create = /href="([^"]*\/api-tokens\/\d+\/create[^"]*)"/.exec(profile.body)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const { body } = await visitor.ask(create);
  const form = { _token: token(body), name: "test", expires_at: "2099-01-01" };
  const made = await visitor.ask(create.replace(/\?.*$/, ""), { method: "POST", form });
  const shown = await visitor.ask(made.location ?? "");
  const [id, secret] = [...shown.body.matchAll(/value="([A-Za-z0-9]{32})"/g)].map(([, value]) => value);
  if (id === undefined || secret === undefined) throw new Error(`no token: ${made.status} ${made.location}`);
  return `${id}:${secret}`;
}
