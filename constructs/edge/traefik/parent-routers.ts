import { assetsOf, CONTAINERS, type RateLimit, sessionsOf } from "./rate-limit";
import { type Router, sessionRule, tokenRule } from "./routers";
import type { Edge, Route } from "./traefik-config";
import { directRules, forwardedRules } from "./trusted-networks";

/** Names of the parent routers. The access log of a request begins with the one that it came in by. */
export const PARENTS = ["pages", "assets", "api", "trusted", "sessions", "containers"] as const;
export type ParentName = (typeof PARENTS)[number];

/**
 * Requests that one address may have open at a time. Each takes 50 to 120 KiB of the edge while it waits for a slow client or a slow
 * service. More than a browser opens; those who share an address have sessions.
 */
const IN_FLIGHT: Readonly<Record<ParentName, number>> = { pages: 64, assets: 300, api: 64, trusted: 800, sessions: 400, containers: 800 };

/** A parent router: accepts requests, limits them by client address, and passes them to the routers of the routes. */
export interface ParentRouter {
  readonly name: ParentName;
  readonly rule: string;
  /** The highest is asked first. */
  readonly priority: number;
  readonly limit: RateLimit;
  /** Requests that one address may have open at a time. */
  readonly inFlight: number;
  /** Whether its clients never come by a proxy. */
  readonly direct: boolean;
}

/** Parent routers by which some router is reached, the one that is asked last first. */
export function parentRouters(edge: Edge, routes: readonly Route[], routers: readonly Router[]): ParentRouter[] {
  const { rateLimits, containers, proxies } = edge;
  const { client, api, trusted } = rateLimits;
  const trustedRules = proxies.length > 0 ? forwardedRules : directRules;
  const all: Record<ParentName, readonly [rules: readonly string[], limit: RateLimit]> = {
    // requests that no route is for come here too: they count, and get 404 with all headers
    pages: [["PathPrefix(`/`)"], client],
    assets: [routers.filter(({ kind }) => kind === "assets").map(({ rule }) => rule), assetsOf(client)],
    api: [routes.flatMap(tokenRule), api],
    trusted: [trustedRules(trusted?.networks ?? []), trusted ?? client],
    sessions: [routes.flatMap(sessionRule), sessionsOf(rateLimits)],
    containers: [directRules(containers), CONTAINERS],
  };
  return PARENTS.flatMap((name, index) => {
    const [rules, limit] = all[name];
    if (rules.length === 0) return [];
    const rule = rules.length === 1 ? `${rules[0]}` : rules.map((each) => `(${each})`).join(" || ");
    return [{ name, rule, priority: index + 1, limit, inFlight: IN_FLIGHT[name], direct: name === "containers" }];
  }).filter(({ name }) => routers.some((router) => leadsTo(name, router)));
}

/** Whether requests that came in by the parent may go on to the router. */
export function leadsTo(parent: ParentName, { kind, guarded }: Router): boolean {
  if (parent === "sessions") return guarded;
  if (parent === "trusted" || parent === "containers") return true;
  return parent === kind || (parent === "pages" && kind === "api");
}
