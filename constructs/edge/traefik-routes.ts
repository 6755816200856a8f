import type { IForwardAuth } from "./access";
import { RequestBudget, renderRateLimit } from "./budget";
import { renderBouncer } from "./decision-source";
import { RESOLVER } from "./lets-encrypt";
import { renderSecurityHeaders } from "./security-headers";
import { BOUNCER, type Edge, HEADERS, type Route } from "./traefik-config";

/** Name of the route that the health check takes. */
const PROBE = "probe";
/** Name of the route to the dashboard. */
const DASHBOARD = "dashboard";
/** Between a gate and the routes when there are proxies: what one of them says about the client is one address, or a list. */
const ONE_HOP = "one-hop";
const MANY_HOPS = "many-hops";
/** Names that no route may have. */
export const RESERVED_ROUTES: readonly string[] = [PROBE, DASHBOARD, RequestBudget.pages.name, RequestBudget.assets.name, ONE_HOP, MANY_HOPS];

const FORGET_HOPS = "forget-hops";

/**
 * `dynamic/routes.yml`.
 *
 * Traefik counts requests for each router apart. So that a client has one budget and not one for each host name, requests come in by
 * a gate, which counts them, and go on to the routes behind it: one gate for pages, and one for what pages ask for many times.
 */
export function renderRoutes(edge: Edge): object {
  const { routes, dashboard, proxies } = edge;
  const all = [...routes, ...(dashboard ? [{ ...dashboard, name: DASHBOARD, servers: [] }] : [])];
  const leaves = all.flatMap((route) => leavesOf(route));
  return {
    http: {
      routers: {
        ...Object.assign({}, ...[RequestBudget.pages, RequestBudget.assets].map((budget) => gate(budget, leaves, edge))),
        ...(proxies.length > 0 ? renderHops(usedBudgets(leaves)) : {}),
        ...Object.fromEntries(leaves.map((leaf) => [leaf.name, renderLeaf(leaf, proxies.length > 0)])),
        // answered by Traefik itself, but only when this file was read: the plain ping says OK even when every route is gone
        [PROBE]: { rule: "Path(`/probe`)", entryPoints: ["probe"], service: "ping@internal" },
      },
      middlewares: sorted(Object.assign({}, ...all.map(routeMiddlewares), edgeMiddlewares(edge, all, leaves))),
      services: Object.fromEntries(routes.map((route) => [route.name, { loadBalancer: renderServers(route) }])),
    },
  };
}

/** A part of a route that is treated as one. */
interface Leaf {
  readonly name: string;
  readonly rule: string;
  readonly middlewares: readonly string[];
  readonly service: string;
  readonly budget: RequestBudget;
}

function leavesOf(route: Route): Leaf[] {
  const { name, hostName, concurrent, assets = {} } = route;
  const host = `Host(\`${hostName}\`)`;
  const service = name === DASHBOARD ? "api@internal" : name;
  const policy = route.contentSecurityPolicy === undefined ? [] : [policyOf(name)];
  const middlewares = [...(route.access.guard ? [guardOf(name)] : []), ...policy];
  const { pages, assets: many } = RequestBudget;
  return [
    { name, rule: name === DASHBOARD ? `${host} && ${DASHBOARD_PATHS}` : host, middlewares, service, budget: pages },
    ...(concurrent
      ? [{ name: limitOf(name), rule: `${host} && PathPrefix(\`${concurrent.path}\`)`, middlewares: [limitOf(name), ...middlewares], service, budget: pages }]
      : []),
    ...(assets.guarded ? [{ name: `${name}-assets`, rule: `${host} && ${anyOf(assets.guarded)}`, middlewares, service, budget: many }] : []),
    ...(assets.open ? [{ name: `${name}-open-assets`, rule: `${host} && ${anyOf(assets.open)}`, middlewares: policy, service, budget: many }] : []),
  ];
}

const DASHBOARD_PATHS = "(Path(`/`) || PathPrefix(`/dashboard`) || PathPrefix(`/api`))";

/** A path that ends with `/` stands for all below it. */
function anyOf(paths: readonly string[]): string {
  return `(${[...paths]
    .sort()
    .map((path) => `${path.endsWith("/") ? "PathPrefix" : "Path"}(\`${path}\`)`)
    .join(" || ")})`;
}

function usedBudgets(leaves: readonly Leaf[]): RequestBudget[] {
  return [RequestBudget.pages, RequestBudget.assets].filter((budget) => leaves.some((leaf) => leaf.budget === budget));
}

/** The router that counts the requests of one budget; without routes behind it there is none. */
function gate(budget: RequestBudget, leaves: readonly Leaf[], { routes, dashboard, letsEncrypt }: Edge): object {
  const behind = leaves.filter((leaf) => leaf.budget === budget);
  if (behind.length === 0) return {};
  const isLast = budget === RequestBudget.pages;
  const [main, ...sans] = [...routes, ...(dashboard ? [dashboard] : [])].map(({ hostName }) => hostName).sort();
  return {
    [budget.name]: {
      // requests that no route is for come here too: they count, and get 404 with all headers
      rule: isLast ? "PathPrefix(`/`)" : behind.map(({ rule }) => `(${rule})`).join(" || "),
      priority: isLast ? 1 : 2,
      entryPoints: ["websecure"],
      middlewares: [rateOf(budget)],
      tls: letsEncrypt && isLast ? { certResolver: RESOLVER, domains: [{ main, sans }] } : {},
    },
  };
}

/**
 * A proxy adds the client to the list that the client itself may have begun. Those behind the edge would believe its beginning: from
 * such a list they get none, and see the edge as the client. The edge itself counts, blocks and logs by the end of the list.
 */
function renderHops(budgets: readonly RequestBudget[]): object {
  const parentRefs = budgets.map(({ name }) => name);
  return {
    [MANY_HOPS]: { rule: "HeaderRegexp(`X-Forwarded-For`, `,`)", priority: 2, middlewares: [FORGET_HOPS], parentRefs },
    [ONE_HOP]: { rule: "PathPrefix(`/`)", priority: 1, parentRefs },
  };
}

function renderLeaf({ rule, middlewares, service, budget }: Leaf, behindProxies: boolean): object {
  const parentRefs = behindProxies ? [MANY_HOPS, ONE_HOP] : [budget.name];
  return { rule, ...(middlewares.length > 0 ? { middlewares: [...middlewares] } : {}), service, parentRefs };
}

function routeMiddlewares({ name, access: { guard }, contentSecurityPolicy, concurrent }: Route): object {
  return {
    ...(guard ? { [guardOf(name)]: renderGuard(guard) } : {}),
    ...(contentSecurityPolicy === undefined ? {} : { [policyOf(name)]: { headers: { contentSecurityPolicy } } }),
    ...(concurrent ? { [limitOf(name)]: { inFlightReq: { amount: concurrent.amount, sourceCriterion: { requestHost: true } } } } : {}),
  };
}

function edgeMiddlewares({ headers, bouncer, proxies }: Edge, routes: readonly Route[], leaves: readonly Leaf[]): object {
  const identity = routes.flatMap(({ access: { guard } }) => guard?.forwardAuthHeaders ?? []);
  return {
    [HEADERS]: renderSecurityHeaders(headers, identity),
    ...(bouncer ? { [BOUNCER]: renderBouncer(bouncer, proxies) } : {}),
    ...(proxies.length > 0 ? { [FORGET_HOPS]: { headers: { customRequestHeaders: { "X-Forwarded-For": "" } } } } : {}),
    ...Object.fromEntries(usedBudgets(leaves).map((budget) => [rateOf(budget), renderRateLimit(budget, proxies.length > 0)])),
  };
}

function renderGuard({ forwardAuthAddress, forwardAuthHeaders }: IForwardAuth): object {
  return {
    forwardAuth: {
      address: forwardAuthAddress,
      // what Traefik says of the request is its own word: it takes none of it from clients
      trustForwardHeader: true,
      maxResponseBodySize: 8192,
      authResponseHeaders: [...forwardAuthHeaders],
    },
  };
}

function renderServers({ servers, healthPath }: Route): object {
  return {
    servers: servers.map((url) => ({ url })),
    ...(healthPath === undefined ? {} : { healthCheck: { path: healthPath, interval: "10s", unhealthyInterval: "2s", timeout: "5s" } }),
  };
}

function sorted(record: Readonly<Record<string, object>>): object {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function guardOf(route: string): string {
  return `${route}-guard`;
}

function policyOf(route: string): string {
  return `${route}-content-policy`;
}

function limitOf(route: string): string {
  return `${route}-concurrent`;
}

function rateOf({ name }: RequestBudget): string {
  return `rate-${name}`;
}
