import { request as http, type IncomingHttpHeaders } from "node:http";
import { request as https } from "node:https";
import { within } from "../support/bounded";

/** One request of a benchmark. */
export interface Request {
  /** Where it goes; the path is sent as it is written. */
  readonly url: string;
  /** @default "GET" */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Name in the TLS handshake. @default - that of the URL */
  readonly servername?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Longest that one request may take, from its connection to the last byte. */
const SECONDS = 30;

/**
 * Asks once, on a connection of its own, and follows no redirect.
 *
 * It is not `fetch`: that of Node.js 20 can wait forever when the server closes the first connection before it answers, as Docker does for a port
 * whose container is starting.
 */
export function ask({ url, method = "GET", headers = {}, body, servername }: Request): Promise<Answer> {
  const { protocol, hostname, port } = new URL(url);
  const path = url.replace(/^[a-z]+:\/\/[^/]+/, "") || "/";
  const length = body === undefined ? {} : { "content-length": `${Buffer.byteLength(body)}` };
  const options = { host: hostname, port, path, method, headers: { ...headers, ...length }, agent: false, rejectUnauthorized: false, servername };
  const asked = (protocol === "https:" ? https : http)(options);
  const answered = new Promise<Answer>((resolve, reject) => {
    asked.on("error", reject).on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      answer.on("error", reject).on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    asked.end(body);
  });
  return within(SECONDS, `the answer to ${method} ${url}`, answered).finally(() => asked.destroy());
}

/** Header `Cookie` of what an answer sets. */
export function cookiesOf({ headers }: Answer): string {
  return (headers["set-cookie"] ?? []).map((line) => line.split(";")[0]).join("; ");
}
