import { execFile } from "node:child_process";
import { join } from "node:path";

import { percentile } from "./statistics";

/** Where requests go, and what each of them carries. */
export interface Side {
  readonly name: string;
  readonly url: string;
  readonly servername?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What is asked again and again. */
export interface Action {
  readonly name: string;
  readonly path: string;
  readonly method?: "GET" | "POST";
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Status of an answer that counts. @default 200 */
  readonly status?: number;
  /** Path to which an answer that counts redirects: a save that fails redirects, too, but elsewhere. @default - redirects are not looked at */
  readonly location?: string;
}

/** What one round with some clients saw. Times are in milliseconds. */
export interface Round {
  readonly side: string;
  readonly action: string;
  readonly clients: number;
  readonly seconds: number;
  /** Good answers a second. */
  readonly perSecond: number;
  readonly p50?: number;
  readonly p95?: number;
  readonly p99?: number;
  /** Requests by what they got instead of a good answer. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Time that the generator may take beside that of a round: its own start, and the longest answer that it waits for. */
const SLACK_SECONDS = 90;

/** What the generator prints: times of all answers, in milliseconds, by status. */
interface Generated {
  readonly seen: Readonly<Record<string, readonly number[]>>;
  readonly failed: number;
  readonly timeouts: number;
  readonly seconds: number;
}

/**
 * Makes requests one after the other with each of `clients` connections, each by an address of its own.
 *
 * `rate` bounds the requests a second of all of them; without it, each sends the next one at once.
 */
export async function load(side: Side, action: Action, clients: number, seconds: number, rate?: number): Promise<Round> {
  const { url, servername } = side;
  const method = action.method ?? "GET";
  const requests = Array.from({ length: clients }, (_, client) => ({
    method,
    path: action.path,
    headers: headersOf(side, action, client + 1),
    body: action.body,
  }));
  const input = JSON.stringify({ url, servername, duration: seconds, requests, location: action.location, overallRate: rate });
  const what = `the end of ${seconds} s of ${action.name} from ${side.name} with ${clients} clients`;
  return roundOf(side.name, action, clients, await generate(input, what, seconds + SLACK_SECONDS));
}

/** A round of what the generator saw. */
export function roundOf(side: string, { name, status = 200 }: Action, clients: number, { seen, failed, timeouts, seconds }: Generated): Round {
  const times = seen[status] ?? [];
  const counts = Object.entries(seen).map(([code, all]) => [code, all.length] as const);
  const others = [...counts.filter(([code]) => code !== `${status}`), ["no answer", failed] as const, ["timeout", timeouts] as const];
  const errors = Object.fromEntries(others.filter(([, count]) => count > 0));
  const figures = { p50: percentile(times, 0.5), p95: percentile(times, 0.95), p99: percentile(times, 0.99) };
  return { side, action: name, clients, seconds, perSecond: times.length / seconds, ...figures, errors };
}

function generate(input: string, what: string, seconds: number): Promise<Generated> {
  const options = { maxBuffer: 64 * 2 ** 20, timeout: seconds * 1000, killSignal: "SIGKILL" } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [join(__dirname, "generator.js")], options, (error, stdout) => {
      if (error) reject(error.killed ? new Error(`not within ${seconds} s: ${what}`) : error);
      else resolve(JSON.parse(stdout));
    });
    child.stdin?.end(input);
  });
}

function headersOf(side: Side, action: Action, client: number): Record<string, string> {
  // the reverse proxy takes the address of a client from the proxy in front of it: here, from this machine
  return {
    accept: "text/html",
    "accept-encoding": "gzip",
    "user-agent": "Mozilla/5.0 (bench)",
    ...side.headers,
    ...action.headers,
    "x-forwarded-for": `198.51.100.${client}`,
  };
}
