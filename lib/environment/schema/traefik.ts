import { z } from "zod";
import { RATE_LIMITS, type RateLimit } from "../../../constructs/edge/traefik/rate-limit";
import { cpus, size } from "../readers";

/** 10 or more: one page asks for several things. */
const LEAST = 10;

function requests(what: string, most: number, example: number) {
  return z
    .int()
    .min(LEAST)
    .max(most)
    .meta({ description: `${what}, ${LEAST} to ${most}`, examples: [example] });
}

function usually(what: string, most: number, usual: number) {
  return z
    .int()
    .min(LEAST)
    .max(most)
    .default(usual)
    .meta({ description: `${what}, ${LEAST} to ${most}; ${usual} unless given` });
}

const MOST_PER_MINUTE = 60_000;
const MOST_AT_ONCE = 10_000;
/** The verification has to use up this one. */
const MOST_CLIENT_AT_ONCE = 1000;

/** A rate limit that always holds. */
function limit(usual: RateLimit) {
  return z.strictObject({
    perMinute: usually("Requests a minute", MOST_PER_MINUTE, usual.perMinute),
    burst: usually("Requests at once", MOST_AT_ONCE, usual.burst),
  });
}

const rateLimit = z
  .strictObject({
    perMinute: usually(
      "Requests a minute of each address that is not signed in; six times as many images and scripts",
      MOST_PER_MINUTE,
      RATE_LIMITS.client.perMinute,
    ),
    burst: usually("Requests at once of each address that is not signed in", MOST_CLIENT_AT_ONCE, RATE_LIMITS.client.burst),
    signedIn: limit(RATE_LIMITS.signedIn)
      .prefault({})
      .meta({ description: "Rate limit of each signed-in user, whatever address they come from; six times as many images" }),
    api: limit(RATE_LIMITS.api).prefault({}).meta({ description: "Rate limit of each address that sends an API token" }),
    trusted: z
      .strictObject({ perMinute: requests("Requests a minute", MOST_PER_MINUTE, 1000), burst: requests("Requests at once", MOST_AT_ONCE, 500) })
      .optional()
      .meta({ description: "Rate limit of each address in access.trusted, pages and images together; that of all others unless given" }),
  })
  .meta({ description: "Requests that a client may make; more are answered with 429" });

/** The block `traefik` of an environment file. */
export const traefik = z
  .strictObject({ memory: size("Memory of the reverse proxy", "256M", "64M"), cpus: cpus(1), rateLimit: rateLimit.prefault({}) })
  .meta({ description: "Reverse proxy" });
