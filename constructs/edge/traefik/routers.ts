import type { Route } from "./traefik-config";

/** Name of the route to the dashboard. */
export const DASHBOARD = "dashboard";

/** A part of a route that is treated as one. */
export interface Router {
  readonly name: string;
  readonly rule: string;
  /** The rate limit of its requests, before the user is known. */
  readonly kind: "pages" | "assets" | "api";
  /** Whether a guard admits only signed-in users. */
  readonly guarded: boolean;
  readonly middlewares: readonly string[];
  readonly service: string;
}

/** Names of the middlewares of a route. */
export const guardOf = (route: string) => `${route}-guard`;
export const policyOf = (route: string) => `${route}-content-policy`;
export const queueOf = (route: string, what?: "open" | "costly") => [route, ...(what ? [what] : []), "queue"].join("-");
export const internalOf = (route: string) => `${route}-internal`;
export const userLimitOf = (route: string, kind: "pages" | "assets") => `${route}-user-rate${kind === "assets" ? "-assets" : ""}`;

export function routersOf(route: Route): Router[] {
  const { name, hostName, queue, costly, internal, api, assets = {}, access } = route;
  const host = hostRule(hostName);
  const service = name === DASHBOARD ? "api@internal" : name;
  const policy = route.contentSecurityPolicy === undefined ? [] : [policyOf(name)];
  const guarded = access.guard !== undefined;
  const guard = guarded ? [guardOf(name)] : [];
  const userLimit = (kind: "pages" | "assets") => (guarded ? [userLimitOf(name, kind)] : []);
  // last, so that refused requests take no slot in the queue
  const queued = queue ? [queueOf(name)] : [];
  const pages = { kind: "pages", guarded, service, middlewares: [...guard, ...userLimit("pages"), ...policy, ...queued] } as const;
  const images = { kind: "assets", guarded, service, middlewares: [...guard, ...userLimit("assets"), ...policy, ...queued] } as const;
  const openQueue = assets.openQueue ? [queueOf(name, "open")] : [];
  const limited = { ...pages, middlewares: [...guard, ...userLimit("pages"), ...policy] };
  return [
    { ...pages, name, rule: name === DASHBOARD ? `${host} && ${DASHBOARD_PATHS}` : host },
    ...(costly
      ? [{ ...limited, name: `${name}-costly`, rule: `${host} && ${anyPrefix(costly.paths)}`, middlewares: [...limited.middlewares, queueOf(name, "costly")] }]
      : []),
    ...(internal
      ? [{ ...limited, name: internalOf(name), rule: `${host} && ${pathRule(internal)}`, middlewares: [internalOf(name), ...limited.middlewares] }]
      : []),
    // the guard still decides, but what it lets through has no user to be counted by
    ...(api
      ? [
          {
            name: `${name}-api`,
            rule: apiRule(hostName, api.path),
            kind: "api",
            guarded: false,
            service,
            middlewares: [...guard, ...policy, ...queued],
          } as const,
        ]
      : []),
    ...(assets.guarded ? [{ ...images, name: `${name}-assets`, rule: `${host} && ${pathRule(assets.guarded)}` }] : []),
    ...(assets.open
      ? [
          {
            name: `${name}-open-assets`,
            rule: `${host} && ${pathRule(assets.open)}`,
            kind: "assets",
            guarded: false,
            service,
            middlewares: [...policy, ...openQueue],
          } as const,
        ]
      : []),
  ];
}

const DASHBOARD_PATHS = "(Path(`/`) || PathPrefix(`/dashboard`) || PathPrefix(`/api`))";

function hostRule(hostName: string): string {
  return `Host(\`${hostName}\`)`;
}

function apiRule(hostName: string, path: string): string {
  return `${hostRule(hostName)} && PathPrefix(\`${path}\`)`;
}

/** A path that ends with `/` includes all below it; `/` is only itself. */
function pathRule(paths: readonly string[]): string {
  return `(${[...paths]
    .sort()
    .map((path) => `${path.length > 1 && path.endsWith("/") ? "PathPrefix" : "Path"}(\`${path}\`)`)
    .join(" || ")})`;
}

function anyPrefix(paths: readonly string[]): string {
  return `(${[...paths]
    .sort()
    .map((path) => `PathPrefix(\`${path}\`)`)
    .join(" || ")})`;
}

/** Requests with an API token, valid or not. */
export function tokenRule({ hostName, api }: Route): string[] {
  return api ? [`${apiRule(hostName, api.path)} && HeaderRegexp(\`Authorization\`, \`^${api.scheme} [^ ]\`)`] : [];
}

/** Requests with a session cookie, valid or not, to routes behind a guard. */
export function sessionRule({ hostName, access: { guard }, api, assets = {} }: Route): string[] {
  if (!guard) return [];
  const elsewhere = [...(api ? [`PathPrefix(\`${api.path}\`)`] : []), ...(assets.open ? [pathRule(assets.open)] : [])];
  const cookie = `HeaderRegexp(\`Cookie\`, \`(^|; *)${guard.sessionCookie}[^=; ]*=[^; ]\`)`;
  return [[hostRule(hostName), ...elsewhere.map((rule) => `!${rule}`), cookie].join(" && ")];
}
