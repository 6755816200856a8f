import { BOUNCER_MODULE, BOUNCER_PLUGIN, type Bouncer } from "./bouncer";
import { QUEUE_MODULE, QUEUE_PLUGIN } from "./request-queue";
import type { Route } from "./traefik-config";

/** `experimental` of `traefik.yml`: a plugin that does not load ends Traefik, rather than leave every route at 404. */
export function renderPlugins({ routes, bouncer }: { readonly routes: readonly Route[]; readonly bouncer?: Bouncer }): object {
  const queued = bouncer?.appsecHost !== undefined || routes.some(({ queue, costly, assets }) => queue ?? costly ?? assets?.openQueue);
  const plugins = {
    ...(bouncer ? { [BOUNCER_PLUGIN]: { moduleName: BOUNCER_MODULE } } : {}),
    ...(queued ? { [QUEUE_PLUGIN]: { moduleName: QUEUE_MODULE } } : {}),
  };
  return Object.keys(plugins).length === 0 ? {} : { experimental: { abortOnPluginFailure: true, localPlugins: plugins } };
}
