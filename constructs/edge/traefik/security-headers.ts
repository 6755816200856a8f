export interface SecurityHeaders {
  /** Asks browsers to build the domain into their list of those that are reached by HTTPS only: hard to take back. */
  readonly preload: boolean;
}

const TWO_YEARS = 63_072_000;
/** Headers in which guards pass the signed-in user: they are removed from client requests. */
const IDENTITY = ["Remote-User", "Remote-Groups", "Remote-Email", "Remote-Name"];
/** What no page of the wiki has a use for. */
const DENIED_FEATURES = "accelerometer autoplay browsing-topics camera display-capture geolocation gyroscope magnetometer microphone midi payment usb".split(
  " ",
);

/** No other site shows a page in a frame. */
export const FRAME_OPTIONS = { customFrameOptionsValue: "SAMEORIGIN" };

/**
 * The middleware that is first in every chain, so that refusals (403, 429) and 404 have its headers too.
 *
 * It has no content policy: BookStack and Authelia send one with a nonce for each page, which one from here would replace.
 */
export function renderSecurityHeaders({ preload }: SecurityHeaders, identity: readonly string[], framed = false): object {
  const forged = [...new Set([...IDENTITY, ...identity])].sort();
  return {
    headers: {
      // empty means removed; a guard further down the chain sets its own
      customRequestHeaders: Object.fromEntries(forged.map((name) => [name, ""])),
      stsSeconds: TWO_YEARS,
      stsIncludeSubdomains: true,
      stsPreload: preload,
      contentTypeNosniff: true,
      // a header that is set here can be removed nowhere: where one service lets sites show it in a frame, each other route sets its own
      ...(framed ? {} : FRAME_OPTIONS),
      referrerPolicy: "strict-origin-when-cross-origin",
      permissionsPolicy: DENIED_FEATURES.map((feature) => `${feature}=()`).join(", "),
      customResponseHeaders: {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        Server: "",
        "X-Powered-By": "",
      },
    },
  };
}
