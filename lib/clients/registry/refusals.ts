import { registryOfImage } from "../../../constructs/core/image-reference";

/** What engines, builds and registries say when a registry refuses further pulls. */
const REFUSED = /toomanyrequests|too many requests|pull rate limit|\bHTTP 429\b|\banswers 429\b|\bstatus(?: code)?:? 429\b/i;

/** What they say when it wants a login, or an account that may pull the image. */
const LOGIN = /no basic auth credentials|authentication required|unauthorized|pull access denied|requested access to the resource is denied/i;

/** How many pulls a registry allows, by the headers of Docker Hub. */
export interface PullLimit {
  readonly pulls: number;
  readonly seconds: number;
  /** Pulls that are left. */
  readonly remaining: number;
}

export function isRateLimited(text: string): boolean {
  return REFUSED.test(text);
}

export function isLoginMissing(text: string): boolean {
  return LOGIN.test(text);
}

/** What to do at a rate limit; `registry` is the host in the names of its images. */
export function rateLimitRemedy(registry: string): string {
  return `the registry limits pulls: run ${loginCommand(registry)}, which has a limit of its own, set a mirror in images.mirrors, or wait`;
}

/** What to do at a rate limit of a deploy: Terraform does not read the login of Docker Hub. */
export function deployLimitRemedy(registry: string): string {
  const login =
    registry === "docker.io"
      ? "run docker login, then docker pull for these images on the Docker host"
      : `run ${loginCommand(registry)} and add it to docker.registryLogins`;
  return `${login}, or set a mirror in images.mirrors, or wait; then deploy again`;
}

/** What to do when a registry wants a login for a deploy. */
export function deployLoginRemedy(registry: string): string {
  return registry === "docker.io"
    ? "check the name, then run docker login and docker pull for these images on the Docker host, and deploy again"
    : `check the name, run ${loginCommand(registry)} and add it to docker.registryLogins; then deploy again`;
}

export function loginCommand(registry: string): string {
  return registry === "docker.io" || registry === "registry-1.docker.io" ? "docker login" : `docker login ${registry}`;
}

/** `ratelimit-limit: 100;w=21600` and `ratelimit-remaining`; nothing without them. */
export function pullLimitIn(headers: Headers): PullLimit | undefined {
  const [, pulls, seconds] = /^(\d+);w=(\d+)/.exec(headers.get("ratelimit-limit") ?? "") ?? [];
  const [, remaining] = /^(\d+)/.exec(headers.get("ratelimit-remaining") ?? "") ?? [];
  if (pulls === undefined || seconds === undefined || remaining === undefined) return undefined;
  return { pulls: Number(pulls), seconds: Number(seconds), remaining: Number(remaining) };
}

/** `100 pulls in 6 h`. */
export function pullLimitText({ pulls, seconds }: PullLimit): string {
  const hours = seconds / 3600;
  return `${pulls} pulls in ${Number.isInteger(hours) ? `${hours} h` : `${seconds} s`}`;
}

/** Images by the registry that they come from, each once. */
export function byRegistry(references: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const reference of new Set(references)) {
    const registry = registryOfImage(reference);
    found.set(registry, [...(found.get(registry) ?? []), reference]);
  }
  return found;
}
