import type { Rule } from "../../core/errors";
import type { Access } from "./access";
import { queueRules, type RequestQueue } from "./request-queue";
import type { Assets, CostlyPaths, RequestTimes, TokenApi } from "./traefik-config";

/** How a route is treated. */
export interface RouteOptions {
  /** Who may use it. */
  readonly access: Access;
  /**
   * Path that each of several servers is asked for every ten seconds; one that does not answer with success gets no requests. A single
   * server is never taken out: slow is not dead, and there is no other.
   * @default - every server counts as healthy
   */
  readonly healthPath?: string;
  /**
   * `Content-Security-Policy` of every answer. Not for BookStack and Authelia, whose own has a nonce for each page.
   * @default - that of the service
   */
  readonly contentSecurityPolicy?: string;
  /**
   * How many requests are in work at a time, those for open assets and costly paths apart.
   * @default - any number
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
   * Paths that one page requests many times: they have a separate, higher rate limit, so that a page with many images is complete.
   * @default - everything counts as a page
   */
  readonly assets?: Assets;
  /**
   * A path whose service checks tokens itself: requests with a token have a separate rate limit.
   * @default - none
   */
  readonly api?: TokenApi;
  /**
   * How long one request may take.
   * @default - five minutes until it is there whole, and any time for the answer
   */
  readonly times?: RequestTimes;
  /**
   * Whether the service itself says which sites may show it in a frame, by `frame-ancestors` of its content policy. `X-Frame-Options`, which
   * can name no site, is left out there.
   * @default false
   */
  readonly framed?: boolean;
}

const PATH = /^\/[^\s`]*$/;

/** What has to hold of the options of the route `name`. */
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
