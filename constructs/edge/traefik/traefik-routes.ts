import type { IForwardAuth } from "../../contracts/forward-auth";
import { renderBouncer } from "./bouncer";
import { BODIES } from "./edge-limits";
import { leadsTo, PARENTS, type ParentRouter, parentRouters } from "./parent-routers";
import { assetsOf, type RateLimits, renderAddressLimit, renderInFlightLimit, renderUserLimit } from "./rate-limit";
import { type RequestQueue, renderBodyQueue, renderQueue } from "./request-queue";
import { DASHBOARD, guardOf, internalOf, policyOf, queueOf, type Router, routersOf, userLimitOf } from "./routers";
import { FRAME_OPTIONS, renderSecurityHeaders } from "./security-headers";
import { BOUNCER, type Edge, HEADERS, type Route } from "./traefik-config";

/** Name of the route that the health check takes. */
const PROBE = "probe";
/** Between a parent router and the routers of the routes when there are proxies: what one says about the client is one address, or a list. */
const SINGLE_ADDRESS = "one-hop";
const FORWARDED_CHAIN = "many-hops";
/** Names that no route may have. */
export const RESERVED_ROUTES: readonly string[] = [PROBE, DASHBOARD, ...PARENTS, SINGLE_ADDRESS, FORWARDED_CHAIN];

const DROP_FORWARDED_CHAIN = "forget-hops";
const BODY_QUEUE = "body-queue";
/** Where one route may be shown in frames: what each other one has. */
const NO_FRAMES = "no-frames";

/**
 * `dynamic/routes.yml`.
 *
 * Traefik counts requests for each router apart. So that a client has one limit and not one for each host name, requests come in by
 * a parent router, which limits them, and go on to the routers of the routes behind it.
 */
export function renderRoutes(edge: Edge): object {
  const { routes, dashboard, proxies, rateLimits } = edge;
  const all: Route[] = [...routes, ...(dashboard ? [{ ...dashboard, name: DASHBOARD, servers: [] }] : [])];
  const someFramed = all.some(({ framed }) => framed);
  const routers = all.flatMap((route) => (someFramed && !route.framed ? withoutFrames(routersOf(route)) : routersOf(route)));
  const parents = parentRouters(edge, all, routers);
  const parentsOf = (router: Router) => parents.filter(({ name }) => leadsTo(name, router)).map(({ name }) => name);
  return {
    http: {
      routers: {
        ...Object.fromEntries(parents.map((parent) => [parent.name, renderParent(parent, edge, all)])),
        ...(proxies.length > 0 ? renderHops(parents.map(({ name }) => name)) : {}),
        ...Object.fromEntries(
          routers.map((router) => [router.name, renderRouter(router, proxies.length > 0 ? [FORWARDED_CHAIN, SINGLE_ADDRESS] : parentsOf(router))]),
        ),
        // answered by Traefik itself, but only if this file was read: the ping answers OK even without any route
        [PROBE]: { rule: "Path(`/probe`)", entryPoints: ["probe"], service: "ping@internal" },
      },
      middlewares: sorted(
        Object.assign(
          {},
          edgeMiddlewares(edge, all),
          ...all.flatMap((route) => [routeMiddlewares(route, rateLimits), routeQueues(route, edge)]),
          ...parents.map((parent) => parentLimit(parent, edge)),
        ),
      ),
      services: Object.fromEntries(routes.map((route) => [route.name, { loadBalancer: renderServers(route) }])),
      ...renderTransports(routes, edge.replicas ?? false),
    },
  };
}

function renderParent({ name, rule, priority }: ParentRouter, { resolver, bouncer }: Edge, routes: readonly Route[]): object {
  const [main, ...sans] = routes.map(({ hostName }) => hostName).sort();
  return {
    rule,
    priority,
    entryPoints: ["websecure"],
    // what costs least is first: a flood is refused before anything is searched
    middlewares: [inFlightOf(name), rateOf(name), ...(bouncer?.appsecHost ? [BODY_QUEUE] : []), ...(bouncer ? [BOUNCER] : [])],
    tls: resolver && name === "pages" ? { certResolver: resolver.name, domains: [{ main, sans }] } : {},
  };
}

function parentLimit({ name, limit, inFlight, direct }: ParentRouter, { proxies }: Edge): object {
  const behindProxies = proxies.length > 0 && !direct;
  return { [rateOf(name)]: renderAddressLimit(limit, behindProxies), [inFlightOf(name)]: renderInFlightLimit(inFlight, behindProxies) };
}

/**
 * A proxy adds the client to the list that the client itself may have begun. Those behind the edge would believe its beginning: from
 * such a list they get none, and see the edge as the client. The edge itself counts, blocks and logs by the end of the list.
 */
function renderHops(parentRefs: readonly string[]): object {
  return {
    [FORWARDED_CHAIN]: { rule: "HeaderRegexp(`X-Forwarded-For`, `,`)", priority: 2, middlewares: [DROP_FORWARDED_CHAIN], parentRefs },
    [SINGLE_ADDRESS]: { rule: "PathPrefix(`/`)", priority: 1, parentRefs },
  };
}

function renderRouter({ rule, middlewares, service }: Router, parentRefs: readonly string[]): object {
  return { rule, ...(middlewares.length > 0 ? { middlewares: [...middlewares] } : {}), service, parentRefs: [...parentRefs] };
}

function routeMiddlewares({ name, access: { guard }, contentSecurityPolicy, assets }: Route, { signedIn }: RateLimits): object {
  return {
    ...(guard ? { [guardOf(name)]: renderGuard(guard), [userLimitOf(name, "pages")]: renderUserLimit(signedIn, guard.userHeader) } : {}),
    ...(guard && assets?.guarded ? { [userLimitOf(name, "assets")]: renderUserLimit(assetsOf(signedIn), guard.userHeader) } : {}),
    ...(contentSecurityPolicy === undefined ? {} : { [policyOf(name)]: { headers: { contentSecurityPolicy } } }),
  };
}

/** Queues of a route, and access to internal paths. */
function routeQueues({ name, access: { guard }, queue, costly, internal, assets }: Route, { proxies, containers }: Edge): object {
  const render = (each: RequestQueue) => renderQueue(each, guard?.userHeader, proxies.length > 0);
  return {
    ...(queue ? { [queueOf(name)]: render(queue) } : {}),
    ...(costly ? { [queueOf(name, "costly")]: render(costly.queue) } : {}),
    ...(assets?.openQueue ? { [queueOf(name, "open")]: render(assets.openQueue) } : {}),
    ...(internal ? { [internalOf(name)]: { ipAllowList: { sourceRange: [...containers] } } } : {}),
  };
}

/** First of all, so that what a guard answers has the header too. */
function withoutFrames(routers: readonly Router[]): Router[] {
  return routers.map((router) => ({ ...router, middlewares: [NO_FRAMES, ...router.middlewares] }));
}

function edgeMiddlewares({ headers, bouncer, proxies }: Edge, routes: readonly Route[]): object {
  const someFramed = routes.some(({ framed }) => framed);
  const identity = routes.flatMap(({ access: { guard } }) => guard?.forwardAuthHeaders ?? []);
  return {
    [HEADERS]: renderSecurityHeaders(headers, identity, someFramed),
    ...(someFramed ? { [NO_FRAMES]: { headers: FRAME_OPTIONS } } : {}),
    ...(bouncer ? { [BOUNCER]: renderBouncer(bouncer, proxies) } : {}),
    ...(bouncer?.appsecHost ? { [BODY_QUEUE]: renderBodyQueue(BODIES, proxies.length > 0) } : {}),
    ...(proxies.length > 0 ? { [DROP_FORWARDED_CHAIN]: { headers: { customRequestHeaders: { "X-Forwarded-For": "" } } } } : {}),
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

/** A container of this host accepts a connection at once; one that is being replaced, or has lost its network, never does. */
const DIAL_TIMEOUT = "5s";

/** What a service that hangs does to those who wait for it: 504 after the time in which it should have answered. */
function renderTransports(routes: readonly Route[], replicas: boolean): object {
  // no connection is kept: one to a replica that is replaced, or whose host is gone, would fail or hang
  const fresh = replicas ? { maxIdleConnsPerHost: -1 } : {};
  const transports = routes.flatMap(({ name, times }) =>
    times ? [[name, { forwardingTimeouts: { dialTimeout: DIAL_TIMEOUT, responseHeaderTimeout: `${times.answer}` }, ...fresh }] as const] : [],
  );
  return transports.length === 0 ? {} : { serversTransports: Object.fromEntries(transports) };
}

function renderServers({ name, servers, healthPath, times }: Route): object {
  return {
    servers: servers.map((url) => ({ url })),
    ...(times ? { serversTransport: name } : {}),
    // slow is not dead: the only server is never taken out
    ...(healthPath === undefined || servers.length === 1 ? {} : { healthCheck: { path: healthPath, interval: "10s", unhealthyInterval: "2s", timeout: "5s" } }),
  };
}

function sorted(record: Readonly<Record<string, object>>): object {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function inFlightOf(name: string): string {
  return `in-flight-${name}`;
}

function rateOf(name: string): string {
  return `rate-${name}`;
}
