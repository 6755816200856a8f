import type { Rule } from "../../core/errors";
import type { Access } from "./access";
import { queueRules, type RequestQueue } from "./request-queue";
import type { Assets, CostlyPaths, RequestTimes, TokenApi } from "./traefik-config";

/** Options of a route. */
export interface RouteOptions {
  /** Who may use it. */
  readonly access: Access;
  /**
   * Path of the health check, requested from each server every ten seconds; a server that fails it gets no requests. A single server
   * is not checked, because there is no other, and a slow one still answers.
   * @default - no health check
   */
  readonly healthPath?: string;
  /**
   * `Content-Security-Policy` header of every response. Not for BookStack and Authelia, whose own has a nonce for each page.
   * @default - the header of the service
   */
  readonly contentSecurityPolicy?: string;
  /**
   * Limit of concurrent requests, without those for open assets and costly paths.
   * @default - no limit
   */
  readonly queue?: RequestQueue;
  /**
   * Expensive paths, with a separate queue.
   * @default - none
   */
  readonly costly?: CostlyPaths;
  /**
   * Paths for containers only; all other clients get 403. A path that ends with `/` includes all below it.
   * @default - none
   */
  readonly internal?: readonly string[];
  /**
   * Paths that one page requests many times. They have a separate, higher rate limit, so that a page with many images loads completely.
   * @default - every request counts against the rate limit of pages
   */
  readonly assets?: Assets;
  /**
   * A path whose service checks tokens itself: requests with a token have a separate rate limit.
   * @default - none
   */
  readonly api?: TokenApi;
  /**
   * Timeouts of one request.
   * @default - five minutes to receive the request, none for the response
   */
  readonly times?: RequestTimes;
  /**
   * Whether the service itself sets `frame-ancestors` in its content security policy, for the sites that may embed it. Then
   * `X-Frame-Options` is omitted, because it cannot name a site.
   * @default false
   */
  readonly framed?: boolean;
}

const PATH = /^\/[^\s`]*$/;

/** Rules for the options of the route `name`. */
export function optionRules(name: string, { costly, internal = [], healthPath, assets = {}, api, queue }: RouteOptions): Rule[] {
  const { guarded = [], open = [], openQueue } = assets;
  const paths = [...(costly?.paths ?? []), ...internal, healthPath, api?.path, ...guarded, ...open].filter((path) => path !== undefined);
  return [
    ...paths.map((path): Rule => [PATH.test(path), `a path of route "${name}" begins with "/" and has no space or backtick, got "${path}"`]),
    [costly === undefined || costly.paths.length > 0, `costly.paths of route "${name}" must name at least one path`],
    ...(queue ? queueRules(`queue of route "${name}"`, queue) : []),
    ...(costly ? queueRules(`costly.queue of route "${name}"`, costly.queue) : []),
    ...(openQueue ? queueRules(`assets.openQueue of route "${name}"`, openQueue) : []),
  ];
}
