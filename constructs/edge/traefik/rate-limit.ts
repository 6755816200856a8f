/** Requests that one client may make. */
export interface RateLimit {
  /** Requests a minute, 1 or more, for as long as it asks. */
  readonly perMinute: number;
  /** Requests at once, 1 or more. */
  readonly burst: number;
}

/** The rate limits of the reverse proxy. */
export interface RateLimits {
  /** Each address. An IPv6 client is a /64, which is what one household gets. */
  readonly client: RateLimit;
  /** Each signed-in user, whatever address they come from: an office shares one address. */
  readonly signedIn: RateLimit;
  /** Each address whose requests have an API token. The service checks the token and has its own limit. */
  readonly api: RateLimit;
  /**
   * Each address of these networks, pages and images together.
   * @default - the limits of all other clients
   */
  readonly trusted?: TrustedRateLimit;
}

export interface TrustedRateLimit extends RateLimit {
  /** Networks in CIDR form, at least one. Behind proxies only IPv4 networks can be matched. */
  readonly networks: readonly string[];
}

export const RATE_LIMITS: RateLimits = {
  client: { perMinute: 100, burst: 50 },
  signedIn: { perMinute: 300, burst: 150 },
  // BookStack allows 180 requests a minute and answers more with its own 429
  api: { perMinute: 200, burst: 100 },
};

/** Addresses of containers: the back channel of all sign-ins comes from one of them. */
export const CONTAINERS: RateLimit = { perMinute: 600, burst: 300 };

/** Images, scripts and styles that one page asks for: five pages of 60 images at once, by default. */
export function assetsOf(limit: RateLimit): RateLimit {
  return times(limit, 6);
}

/**
 * Requests of one address with a session cookie. Whether the session is valid is only known after the guard was asked, so this
 * is what a client with a forged cookie may ask of the guard; twenty people can use their whole limit behind one address.
 */
export function sessionsOf({ signedIn }: RateLimits): RateLimit {
  return times(signedIn, 20);
}

function times({ perMinute, burst }: RateLimit, factor: number): RateLimit {
  return { perMinute: perMinute * factor, burst: burst * factor };
}

/** IPv6 addresses with the same first 64 bits count as one client. */
const CLIENT_PREFIX = 64;

/**
 * Limits requests by the address of the client. Behind trusted proxies the client is the last entry of `X-Forwarded-For`, the only
 * one that the client cannot write.
 */
export function renderAddressLimit(limit: RateLimit, behindProxies: boolean): object {
  return renderLimit(limit, { ipStrategy: ipStrategy(behindProxies) });
}

function ipStrategy(behindProxies: boolean): object {
  return { ipv6Subnet: CLIENT_PREFIX, ...(behindProxies ? { depth: 1 } : {}) };
}

/** Limits requests that one address has open at a time. */
export function renderInFlightLimit(amount: number, behindProxies: boolean): object {
  return { inFlightReq: { amount, sourceCriterion: { ipStrategy: ipStrategy(behindProxies) } } };
}

/** Limits requests by the user that the guard named in `header`. */
export function renderUserLimit(limit: RateLimit, header: string): object {
  return renderLimit(limit, { requestHeaderName: header });
}

function renderLimit({ perMinute, burst }: RateLimit, sourceCriterion: object): object {
  return { rateLimit: { average: perMinute, period: "1m", burst, sourceCriterion } };
}
