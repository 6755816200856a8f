import { SEARCHED_BODY_BYTES } from "./edge-limits";

/** How the edge asks a decision source. */
export interface Bouncer {
  readonly lapiHost: string;
  readonly appsecHost?: string;
  /** Where the edge finds its key. */
  readonly keyFile: string;
}

/** Name by which Traefik knows the plugin; its code is in the image, so that nothing is fetched at start. */
export const BOUNCER_PLUGIN = "bouncer";
export const BOUNCER_MODULE = "github.com/maxlerebourg/crowdsec-bouncer-traefik-plugin";

/**
 * The middleware that asks for decisions.
 *
 * It keeps the list of banned addresses and asks every ten seconds for what changed. While the source is down it goes on with what
 * it knows and lets all others through: an intrusion check that fails must not take the wiki with it.
 */
export function renderBouncer({ lapiHost, appsecHost, keyFile }: Bouncer, proxies: readonly string[]): object {
  return {
    plugin: {
      [BOUNCER_PLUGIN]: {
        enabled: true,
        logLevel: "INFO",
        crowdsecMode: "stream",
        updateIntervalSeconds: 10,
        updateMaxFailure: -1,
        streamStartupBlock: false,
        crowdsecLapiScheme: "http",
        crowdsecLapiHost: lapiHost,
        crowdsecLapiKeyFile: keyFile,
        // the client is the address that the last trusted proxy adds
        ...(proxies.length > 0 ? { forwardedHeadersTrustedIPs: [...proxies] } : {}),
        httpTimeoutSeconds: 5,
        redisCacheEnabled: false,
        metricsUpdateIntervalSeconds: 60,
        // as with addresses: what cannot be asked lets through
        ...(appsecHost && {
          crowdsecAppsecEnabled: true,
          crowdsecAppsecHost: appsecHost,
          crowdsecAppsecFailureBlock: false,
          crowdsecAppsecUnreachableBlock: false,
          crowdsecAppsecBodyLimit: SEARCHED_BODY_BYTES,
          // a body without a length, by HTTP/2 or 3, cannot be searched without waiting for its end: no browser sends one
          crowdsecAppsecUnreadableBodyBlock: true,
        }),
      },
    },
  };
}
