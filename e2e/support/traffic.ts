import { parse } from "yaml";
import type { AccessLogLine, Asked, EdgeAlone } from "./edge-alone";

/** Kinds of requests, as the edge and the services behind tell them apart. */
export type Kind =
  | "page" // of a signed-in user
  | "saved"
  | "missing"
  | "forbidden"
  | "image"
  | "aborted"
  | "script" // needs no session
  | "noSession" // without a cookie: to the portal
  | "noSessionXhr"
  | "noSessionImage"
  | "staleSession" // with a cookie whose session is over
  | "staleSessionXhr"
  | "api"
  | "apiMissing"
  | "apiForbidden"
  | "apiInvalid"
  | "apiWrongToken"
  | "apiWrongTokenUnread" // the client takes the status and not the answer
  | "apiUnknown" // a path that no resource has
  | "portal"
  | "portalState"
  | "portalScript"
  | "signIn"
  | "wrongPassword"
  | "unknownHost"
  | "overLimit"; // of the address

const HTML = { Accept: "text/html,application/xhtml+xml" };
const XHR = { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" };
const SESSION = { Cookie: "theme=dark; authelia_session=valid-alice" };
const STALE = { Cookie: "authelia_session=over" };
const TOKEN = { Authorization: "Token valid:secret" };
const answer = (status: number) => ({ "X-Answer": `${status}` });

/** Kinds that need more than one plain request. */
const OTHERS = ["overLimit", "apiWrongTokenUnread"] as const;

/** How one request of each kind is made, and how it is answered. */
const KINDS: Readonly<Record<Exclude<Kind, (typeof OTHERS)[number]>, Omit<Asked, "host"> & { readonly host?: string; readonly status: number }>> = {
  page: { path: "/books/a/page/b", headers: { ...HTML, ...SESSION }, status: 200 },
  saved: { path: "/books/a/page/b", method: "POST", headers: { ...HTML, ...SESSION, ...answer(302) }, status: 302 },
  missing: { path: "/books/a/page/gone", headers: { ...HTML, ...SESSION, ...answer(404) }, status: 404 },
  forbidden: { path: "/images/gallery", method: "POST", headers: { ...XHR, ...SESSION, ...answer(403) }, status: 403 },
  image: { path: "/uploads/images/gallery/a.png", headers: SESSION, status: 200 },
  aborted: { path: "/books/a/page/slow", headers: { ...HTML, ...SESSION, "X-Wait": "2" }, patience: 500, status: 0 },
  script: { path: "/dist/app.js", status: 200 },
  noSession: { path: "/books/a/page/b", headers: HTML, status: 302 },
  noSessionXhr: { path: "/ajax/page/1/save-draft", method: "PUT", headers: XHR, status: 401 },
  noSessionImage: { path: "/uploads/images/gallery/a.png", headers: { Accept: "image/*" }, status: 401 },
  staleSession: { path: "/books/a/page/b", headers: { ...HTML, ...STALE }, status: 302 },
  staleSessionXhr: { path: "/ajax/page/1/save-draft", method: "PUT", headers: { ...XHR, ...STALE }, status: 401 },
  api: { path: "/api/pages/1", headers: TOKEN, status: 200 },
  apiMissing: { path: "/api/pages/2", headers: { ...TOKEN, ...answer(404) }, status: 404 },
  apiForbidden: { path: "/api/pages/3", headers: { Authorization: "Token expired:secret" }, status: 403 },
  apiInvalid: { path: "/api/pages", method: "POST", headers: { ...TOKEN, ...answer(422) }, status: 422 },
  apiWrongToken: { path: "/api/pages/1", headers: { Authorization: "Token wrong:wrong" }, status: 401 },
  apiUnknown: { path: "/api/unknown", headers: { ...TOKEN, ...answer(404) }, status: 404 },
  portal: { host: "auth", path: "/", headers: HTML, status: 200 },
  portalState: { host: "auth", path: "/api/state", headers: XHR, status: 200 },
  portalScript: { host: "auth", path: "/static/js/index.js", status: 200 },
  signIn: { host: "auth", path: "/api/firstfactor", method: "POST", headers: XHR, body: "right", status: 200 },
  wrongPassword: { host: "auth", path: "/api/firstfactor", method: "POST", headers: XHR, body: "wrong", status: 401 },
  unknownHost: { host: "other", path: "/", headers: HTML, status: 404 },
};

/** One request in an hour of a client. */
export interface Visit {
  /** Seconds since the hour began. */
  readonly second: number;
  readonly kind: Kind;
  /** @default - that of the kind */
  readonly path?: string;
  /** @default - that of the kind */
  readonly method?: string;
  /** Name of the signed-in user. @default - that of the visitor */
  readonly user?: string;
}

/** A client with an address, and its requests in an hour. */
export interface Visitor {
  readonly name: string;
  readonly address: string;
  /** `User-Agent`. @default - a browser's */
  readonly agent?: string;
  readonly visits: readonly Visit[];
  /** Wrong passwords that the portal's own log tells of: seconds since the hour began, and the account. */
  readonly wrongPasswords?: readonly { readonly second: number; readonly user: string }[];
  /** Whether the visitor waits for as long as a 429 says and asks again. @default false */
  readonly patient?: boolean;
}

const BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/** Makes one request of each kind, and keeps the lines that Traefik wrote. */
export async function recordKinds(edge: EdgeAlone): Promise<ReadonlyMap<Kind, AccessLogLine>> {
  for (const [kind, { host = "bookstack", path, status, ...asked }] of Object.entries(KINDS)) {
    const got = await edge.ask({ ...asked, host, path: `${path}?kind=${kind}` });
    if (got !== status) throw new Error(`a request of the kind ${kind} was answered with ${got}, not ${status}`);
  }
  await edge.takeStatusOnly("/api/pages/1?kind=apiWrongTokenUnread", { authorization: "Token wrong:wrong", "x-pieces": "1" });
  let got = 0;
  for (let request = 0; request < 200 && got !== 429; request++) got = await edge.ask({ host: "bookstack", path: "/?kind=overLimit", headers: HTML });
  // the line of an aborted request is written when the service has answered
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const lines = new Map(edge.accessLog().map((line) => [/\?kind=(\w+)$/.exec(`${line.RequestPath}`)?.[1] as Kind, line]));
  const missing = [...Object.keys(KINDS), ...OTHERS].filter((kind) => !lines.has(kind as Kind));
  if (missing.length > 0) throw new Error(`Traefik wrote no line for ${missing.join(", ")}`);
  return lines;
}

/** The token bucket of Traefik's rateLimit: it waits for at most half of the time between two requests. */
class TokenBucket {
  private tokens: number;
  private last = 0;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
  ) {
    this.tokens = burst;
  }

  public allows(second: number): boolean {
    const grown = Math.min(this.burst, this.tokens + (second - this.last) * this.perSecond);
    const longestWait = this.perSecond < 1 ? 0.5 : 1 / (Math.floor(this.perSecond) * 2);
    this.last = second;
    this.tokens = grown;
    if ((1 - grown) / this.perSecond > longestWait) return false;
    this.tokens -= 1;
    return true;
  }
}

interface RateLimits {
  readonly [middleware: string]: { readonly rateLimit?: { readonly average: number; readonly burst: number } };
}

/** The rate limits of the rendered routes, for requests with timestamps. */
export class EdgeLimits {
  private readonly middlewares: RateLimits;
  private readonly routers: Readonly<Record<string, { readonly middlewares?: readonly string[] }>>;
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(routes: string) {
    ({ middlewares: this.middlewares, routers: this.routers } = parse(routes).http);
  }

  /** The router that refuses a request; none when it goes on to its service. */
  public refusedBy(line: AccessLogLine, address: string, user: string, second: number): string | undefined {
    // the guard comes before the limit of the user, and requires a session
    const chain = routersOf(line).slice(0, line.ServiceURL === undefined ? 1 : undefined);
    return chain.find((router, index) => {
      const limits = (this.routers[router]?.middlewares ?? []).filter((name) => this.middlewares[name]?.rateLimit);
      return limits.some((name) => !this.bucket(`${router} ${name} ${index === 0 ? address : user}`, name).allows(second));
    });
  }

  private bucket(key: string, middleware: string): TokenBucket {
    const { average = 0, burst = 0 } = this.middlewares[middleware]?.rateLimit ?? {};
    const bucket = this.buckets.get(key) ?? new TokenBucket(average / 60, burst);
    this.buckets.set(key, bucket);
    return bucket;
  }
}

/** Names of the routers that a request came by, the parent router first. */
export function routersOf({ RouterName }: AccessLogLine): string[] {
  return `${RouterName}`.split(" -> ").map((name) => name.replace(/@file$/, ""));
}

/** What an hour looks like in the access log. */
export interface Hour {
  /** Lines, in order. */
  readonly accessLog: string;
  /** Name of a visitor → requests that were answered with 429. */
  readonly refused: Readonly<Record<string, number>>;
  readonly requests: number;
}

/** Writes the access log of an hour in which each visitor gets what the rate limits leave. */
export function hourOf(visitors: readonly Visitor[], kinds: ReadonlyMap<Kind, AccessLogLine>, limits: EdgeLimits, begin: number): Hour {
  const requests = visitors.flatMap((visitor) => requestsOf(visitor, kinds, limits, begin));
  const refused = Object.fromEntries(visitors.map(({ name }) => [name, requests.filter((made) => made.refused && made.name === name).length]));
  const lines = [...requests].sort((a, b) => a.second - b.second).map(({ text }) => `${text}\n`);
  return { accessLog: lines.join(""), refused, requests: requests.length };
}

interface Made {
  readonly name: string;
  readonly second: number;
  readonly text: string;
  readonly refused: boolean;
}

/** What one visitor asks for; a patient one asks again a second after a 429, and for everything else later. */
function requestsOf(visitor: Visitor, kinds: ReadonlyMap<Kind, AccessLogLine>, limits: EdgeLimits, begin: number): Made[] {
  const { name, address, agent = BROWSER, patient = false } = visitor;
  const made: Made[] = [];
  const waiting = [...visitor.visits].sort((a, b) => a.second - b.second);
  let late = 0;
  for (let visit = waiting.shift(); visit !== undefined; ) {
    const template = kinds.get(visit.kind) ?? {};
    const second = visit.second + late;
    const router = limits.refusedBy(template, address, visit.user ?? name, second);
    const refused = router !== undefined;
    const text = line(template, visit, address, agent, begin + second * 1000, refused ? refusal(kinds, template, router) : undefined);
    made.push({ name, second, text, refused });
    if (refused && patient) late += 1;
    else visit = waiting.shift();
  }
  return made;
}

function refusal(kinds: ReadonlyMap<Kind, AccessLogLine>, template: AccessLogLine, router: string): AccessLogLine {
  const chain = routersOf(template);
  const reached = chain.slice(0, chain.indexOf(router) + 1);
  return { ...kinds.get("overLimit"), RouterName: reached.map((name) => `${name}@file`).join(" -> "), RequestHost: template.RequestHost };
}

/** A line as Traefik wrote it, with another time, client, path and program. */
function line(template: AccessLogLine, visit: Visit, address: string, agent: string, time: number, refused: AccessLogLine | undefined): string {
  const { RequestMethod, RequestPath } = template;
  const path = visit.path ?? `${RequestPath}`.replace(/\?kind=\w+$/, "");
  const own = { ClientAddr: `${address}:35420`, ClientHost: address, RequestMethod: visit.method ?? RequestMethod, RequestPath: path };
  const times = { StartUTC: new Date(time).toISOString(), time: logTime(time) };
  return JSON.stringify({ ...(refused ?? template), ...own, "request_User-Agent": agent, ...times });
}

/** As both logs write it. */
function logTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** The portal's own log of the wrong passwords of an hour. */
export function portalLogOf(visitors: readonly Visitor[], begin: number): string {
  const failures = visitors.flatMap(({ address, wrongPasswords = [] }) => wrongPasswords.map((failure) => ({ ...failure, address })));
  return failures
    .sort((a, b) => a.second - b.second)
    .map(({ second, user, address }) => {
      const msg = `Unsuccessful 1FA authentication attempt by user '${user}'`;
      const request = { level: "error", method: "POST", msg, path: "/api/firstfactor", remote_ip: address };
      return `${JSON.stringify({ ...request, time: logTime(begin + second * 1000) })}\n`;
    })
    .join("");
}
