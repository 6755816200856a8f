import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Key under which `docker login` keeps what belongs to Docker Hub. */
const DOCKER_HUB_KEY = "https://index.docker.io/v1/";
const PATIENCE = 30_000;

/** An answer of a registry that is an error. */
export class RefusedByRegistry extends Error {
  public readonly status: number;

  constructor(what: string, { status, headers }: Response) {
    const wait = headers.get("retry-after") ?? "";
    const limit = /^\d+$/.test(wait) ? `, too many requests; it allows the next in ${wait} s` : ", too many requests";
    super(`${what} ${status}${status === 429 ? limit : ""}`);
    this.status = status;
  }
}

/**
 * The authorization after a registry's `challenge`: an anonymous token, a token for a login, or
 * the login itself. Logins are those that `docker login` wrote to its file.
 */
export async function authorizationFor(host: string, challenge: string): Promise<Record<string, string>> {
  const login = loginFor(host);
  if (/^basic/i.test(challenge)) return login;
  const wanted = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]));
  const realm = wanted.get("realm");
  if (realm === undefined) throw new Error(`it asks for "${challenge}", which is not understood`);
  const url = new URL(realm);
  for (const name of ["service", "scope"]) if (wanted.has(name)) url.searchParams.set(name, wanted.get(name) ?? "");
  const response = await fetch(url, { headers: login, signal: AbortSignal.timeout(PATIENCE) });
  if (!response.ok) throw new RefusedByRegistry(`it gives no token: ${url.host} answers`, response);
  const { token, access_token } = (await response.json()) as { token?: string; access_token?: string };
  return { authorization: `Bearer ${token ?? access_token ?? ""}` };
}

function loginFor(host: string): Record<string, string> {
  const file = join(process.env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "config.json");
  if (!existsSync(file)) return {};
  const { auths = {} }: { auths?: Record<string, { auth?: string }> } = JSON.parse(readFileSync(file, "utf8"));
  const auth = auths[host === "registry-1.docker.io" ? DOCKER_HUB_KEY : host]?.auth;
  return auth === undefined ? {} : { authorization: `Basic ${auth}` };
}
