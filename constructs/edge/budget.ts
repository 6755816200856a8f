/** How many requests one client may make: an IPv4 address, or a /64 of IPv6 addresses, which is what one household gets. */
export class RequestBudget {
  /** Pages and everything else that costs the wiki work. */
  public static readonly pages = new RequestBudget("pages", 100, 50);
  /** What one page asks for many times: five pages of 60 images at once, and ten images a second for good. */
  public static readonly assets = new RequestBudget("assets", 600, 300);

  private constructor(
    /** What the budget is for; the gate that counts is called by it. */
    public readonly name: string,
    public readonly perMinute: number,
    /** Requests that may come at once. */
    public readonly burst: number,
  ) {}
}

/** IPv6 addresses with the same first 64 bits count as one client. */
const CLIENT_PREFIX = 64;

/**
 * The middleware that counts. Behind trusted proxies the client is whom the last of them names: the last entry of `X-Forwarded-For`,
 * the only one that the client cannot write.
 */
export function renderRateLimit({ perMinute, burst }: RequestBudget, behindProxies: boolean): object {
  const ipStrategy = { ipv6Subnet: CLIENT_PREFIX, ...(behindProxies ? { depth: 1 } : {}) };
  return { rateLimit: { average: perMinute, period: "1m", burst, sourceCriterion: { ipStrategy } } };
}
