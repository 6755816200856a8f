import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { pullLimitIn, pullLimitText } from "./refusals";

/** Key under which `docker login` keeps what belongs to Docker Hub. */
const DOCKER_HUB_KEY = "https://index.docker.io/v1/";
const PATIENCE = 30_000;

/** What `docker login` writes, as far as it is read here. */
interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string }>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

/** An answer of a registry that is an error. */
export class RefusedByRegistry extends Error {
  public readonly status: number;

  constructor(what: string, { status, headers }: Response) {
    const wait = headers.get("retry-after") ?? "";
    const limit = pullLimitIn(headers);
    const allowed = [...(limit === undefined ? [] : [`it allows ${pullLimitText(limit)}`]), ...(/^\d+$/.test(wait) ? [`it allows the next in ${wait} s`] : [])];
    super(`${what} ${status}${status === 429 ? [", too many requests", ...allowed].join("; ") : ""}`);
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

/** The file that `docker login` writes. */
export function loginFile(): string {
  return join(process.env.DOCKER_CONFIG || join(homedir(), ".docker"), "config.json");
}

function loginFor(host: string): Record<string, string> {
  const file = loginFile();
  if (!existsSync(file)) return {};
  const { auths = {}, credHelpers = {}, credsStore }: DockerConfig = JSON.parse(readFileSync(file, "utf8"));
  const key = host === "registry-1.docker.io" ? DOCKER_HUB_KEY : host;
  const helper = credHelpers[key] ?? credsStore;
  const auth = auths[key]?.auth ?? (helper === undefined ? undefined : kept(helper, key));
  return auth === undefined ? {} : { authorization: `Basic ${auth}` };
}

/** The login that a credential helper of Docker keeps, such as `docker-credential-pass`; nothing without one. */
function kept(helper: string, key: string): string | undefined {
  const { status, stdout } = spawnSync(`docker-credential-${helper}`, ["get"], { input: key, encoding: "utf8", timeout: PATIENCE, env: process.env });
  if (status !== 0) return undefined;
  const { Username: user = "", Secret: secret = "" } = JSON.parse(stdout) as { Username?: string; Secret?: string };
  return Buffer.from(`${user}:${secret}`).toString("base64");
}
