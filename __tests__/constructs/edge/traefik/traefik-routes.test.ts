import { Duration } from "../../../../constructs/core/duration";
import { Access } from "../../../../constructs/edge/traefik/access";
import { RATE_LIMITS } from "../../../../constructs/edge/traefik/rate-limit";
import type { Edge, Route } from "../../../../constructs/edge/traefik/traefik-config";
import { renderRoutes } from "../../../../constructs/edge/traefik/traefik-routes";

interface Rendered {
  readonly http: {
    readonly routers: Record<string, Record<string, unknown>>;
    // biome-ignore lint/suspicious/noExplicitAny: a rendered block has whatever Traefik knows
    readonly middlewares: Record<string, any>;
    readonly services: Record<string, unknown>;
    readonly serversTransports?: Record<string, unknown>;
  };
}

const GUARD = {
  forwardAuthAddress: "http://guard:9091/ask",
  forwardAuthHeaders: ["Remote-User", "X-Signed-On"],
  userHeader: "Remote-User",
  sessionCookie: "portal_session",
};
const WIKI: Route = { name: "wiki", hostName: "wiki.example.com", servers: ["http://a:1", "http://b:2"], access: Access.open() };

function render(route: Partial<Route> = {}, edge: Partial<Edge> = {}): Rendered["http"] {
  const whole: Edge = {
    ports: { http: 80, https: 443 },
    http3: true,
    routes: [{ ...WIKI, ...route }],
    headers: { preload: false },
    proxies: [],
    rateLimits: RATE_LIMITS,
    containers: [],
    ...edge,
  };
  return (renderRoutes(whole) as Rendered).http;
}

describe("renderRoutes", () => {
  test("gives a service up that has not begun to answer in its time, and waits for others as long as they take", () => {
    const { services, serversTransports } = render({ times: { request: Duration.seconds(600), answer: Duration.seconds(660) } });
    expect(services.wiki).toHaveProperty("loadBalancer.serversTransport", "wiki");
    // 30 s unless given: as long as a container that is replaced keeps people waiting
    expect(serversTransports).toEqual({ wiki: { forwardingTimeouts: { dialTimeout: "5s", responseHeaderTimeout: "11m0s" } } });
    expect(render()).not.toHaveProperty("serversTransports");
    expect(render().services.wiki).not.toHaveProperty("loadBalancer.serversTransport");
  });

  test("routes each host name to all of its servers, through the parent router with the rate limit", () => {
    const { routers, services } = render();
    expect(routers.wiki).toEqual({ rule: "Host(`wiki.example.com`)", service: "wiki", parentRefs: ["pages"] });
    expect(routers.pages).toEqual({
      rule: "PathPrefix(`/`)",
      priority: 1,
      entryPoints: ["websecure"],
      middlewares: ["in-flight-pages", "rate-pages"],
      tls: {},
    });
    expect(services).toEqual({ wiki: { loadBalancer: { servers: [{ url: "http://a:1" }, { url: "http://b:2" }] } } });
  });

  test("no site may show a page in a frame", () => {
    const { routers, middlewares } = render();
    expect(middlewares["security-headers"].headers.customFrameOptionsValue).toBe("SAMEORIGIN");
    expect(middlewares).not.toHaveProperty("no-frames");
    expect(routers.wiki).not.toHaveProperty("middlewares");
  });

  test("if one service controls its frame ancestors itself, every other route still forbids frames", () => {
    const other: Route = { name: "other", hostName: "other.example.com", servers: ["http://c:1"], access: Access.open(), assets: { open: ["/a/"] } };
    const { routers, middlewares } = render({}, { routes: [{ ...WIKI, framed: true }, other] });
    expect(middlewares["security-headers"].headers).not.toHaveProperty("customFrameOptionsValue");
    expect(middlewares["no-frames"]).toEqual({ headers: { customFrameOptionsValue: "SAMEORIGIN" } });
    expect(routers.wiki).not.toHaveProperty("middlewares");
    for (const name of ["other", "other-open-assets"]) expect(routers[name]).toMatchObject({ middlewares: ["no-frames"] });
  });

  test("has a health check route without a rate limit, which is missing if the file was not read", () => {
    expect(render().routers.probe).toEqual({ rule: "Path(`/probe`)", entryPoints: ["probe"], service: "ping@internal" });
  });

  test("takes one of several servers that does not answer out of the list", () => {
    expect(render({ healthPath: "/status" }).services).toHaveProperty("wiki.loadBalancer.healthCheck", expect.objectContaining({ path: "/status" }));
  });

  test("a slow wiki is not a dead one: the only server is never taken out", () => {
    expect(render({ healthPath: "/status", servers: ["http://a:1"] }).services).toEqual({ wiki: { loadBalancer: { servers: [{ url: "http://a:1" }] } } });
  });

  test("bounds what one address has open, counts, bounds the reading of bodies, and only then searches", () => {
    const bouncer = { lapiHost: "crowdsec:8080", keyFile: "/run/secrets/key" };
    expect(render({}, { bouncer }).routers.pages?.middlewares).toEqual(["in-flight-pages", "rate-pages", "crowdsec"]);
    const { routers, middlewares } = render({}, { bouncer: { ...bouncer, appsecHost: "crowdsec:7422" } });
    expect(routers.pages?.middlewares).toEqual(["in-flight-pages", "rate-pages", "body-queue", "crowdsec"]);
    expect(middlewares["in-flight-pages"]).toEqual({ inFlightReq: { amount: 64, sourceCriterion: { ipStrategy: { ipv6Subnet: 64 } } } });
    expect(middlewares["body-queue"].plugin.queue).toEqual({ slots: 200, slotsPerClient: 16, waiting: 200, waitSeconds: 20, onlyBodies: true });
  });

  test("counts 100 requests a minute and 50 at once for each client, a /64 of IPv6 addresses being one", () => {
    expect(render().middlewares["rate-pages"]).toEqual({
      rateLimit: { average: 100, period: "1m", burst: 50, sourceCriterion: { ipStrategy: { ipv6Subnet: 64 } } },
    });
  });

  test("has a separate rate limit for repeated paths of one page, and no guard for public files", () => {
    const { routers, middlewares } = render({ access: Access.behind(GUARD), assets: { guarded: ["/images/"], open: ["/scripts/", "/icon.png"] } });
    const guarded = "Host(`wiki.example.com`) && (PathPrefix(`/images/`))";
    const open = "Host(`wiki.example.com`) && (Path(`/icon.png`) || PathPrefix(`/scripts/`))";
    expect(routers["wiki-assets"]).toEqual({
      rule: guarded,
      middlewares: ["wiki-guard", "wiki-user-rate-assets"],
      service: "wiki",
      parentRefs: ["assets", "sessions"],
    });
    expect(routers["wiki-open-assets"]).toEqual({ rule: open, service: "wiki", parentRefs: ["assets"] });
    expect(routers.assets).toMatchObject({ rule: `(${guarded}) || (${open})`, priority: 2, middlewares: ["in-flight-assets", "rate-assets"] });
    expect(middlewares["rate-assets"].rateLimit.burst).toBeGreaterThanOrEqual(60);
  });

  test("takes a path of nothing but / for the first page, not for all below it", () => {
    const { routers } = render({ assets: { guarded: ["/", "/static/"] } });
    expect(routers["wiki-assets"]?.rule).toBe("Host(`wiki.example.com`) && (Path(`/`) || PathPrefix(`/static/`))");
  });

  describe("with queues", () => {
    const queue = { slots: 12, slotsWithoutSession: 4, waiting: 200, wait: Duration.seconds(30) };
    const route: Partial<Route> = {
      access: Access.behind(GUARD),
      queue,
      assets: { guarded: ["/images/"], open: ["/scripts/"], openQueue: { ...queue, slots: 5 } },
      api: { path: "/api/", scheme: "Token" },
      costly: { paths: ["/api/firstfactor", "/api/change"], queue: { slots: 3, slotsPerClient: 2, waiting: 50, wait: Duration.seconds(20) } },
      internal: ["/api/token", "/internal/"],
    };
    const { routers, middlewares } = render(route, { containers: ["172.30.20.0/24"] });

    test("a refused request takes no slot", () => {
      const last = (name: string) => ((routers[name]?.middlewares ?? []) as string[]).at(-1);
      expect(["wiki", "wiki-assets", "wiki-api", "wiki-open-assets", "wiki-costly"].map(last)).toEqual([
        "wiki-queue",
        "wiki-queue",
        "wiki-queue",
        "wiki-open-queue",
        "wiki-costly-queue",
      ]);
      expect(routers["wiki-costly"]).toMatchObject({
        rule: "Host(`wiki.example.com`) && (PathPrefix(`/api/change`) || PathPrefix(`/api/firstfactor`))",
        middlewares: ["wiki-guard", "wiki-user-rate", "wiki-costly-queue"],
      });
    });

    test("knows users by the header of the guard, and leaves slots for them", () => {
      expect(middlewares["wiki-queue"].plugin.queue).toEqual({
        slots: 12,
        slotsWithoutSession: 4,
        sessionHeader: "Remote-User",
        waiting: 200,
        waitSeconds: 30,
      });
      expect(middlewares["wiki-costly-queue"].plugin.queue).toMatchObject({ slots: 3, slotsPerClient: 2 });
    });

    test("without a guard no request has a session, and all may use all slots", () => {
      const open = render({ ...route, access: Access.open() }).middlewares["wiki-queue"].plugin.queue;
      expect(open).toEqual({ slots: 12, waiting: 200, waitSeconds: 30 });
    });

    test("behind proxies the client is the address that the last of them adds", () => {
      expect(render(route, { proxies: ["192.0.2.0/24"] }).middlewares["wiki-queue"].plugin.queue).toMatchObject({ behindProxies: true });
    });

    test("allows internal paths for containers only", () => {
      expect(routers["wiki-internal"]).toMatchObject({
        rule: "Host(`wiki.example.com`) && (Path(`/api/token`) || PathPrefix(`/internal/`))",
        middlewares: expect.arrayContaining(["wiki-internal"]),
      });
      expect(middlewares["wiki-internal"]).toEqual({ ipAllowList: { sourceRange: ["172.30.20.0/24"] } });
    });
  });

  test("has a content policy where one was asked for, and nowhere else", () => {
    expect(JSON.stringify(render())).not.toMatch(/contentSecurityPolicy/);
    const { routers, middlewares } = render({ contentSecurityPolicy: "default-src 'self'" });
    expect(routers.wiki?.middlewares).toEqual(["wiki-content-policy"]);
    expect(middlewares["wiki-content-policy"]).toEqual({ headers: { contentSecurityPolicy: "default-src 'self'" } });
  });

  test("removes a client's headers about the signed-in user, with and without a guard", () => {
    const forged = (access: Access) => Object.entries(render({ access }).middlewares["security-headers"].headers.customRequestHeaders);
    const usual = ["Remote-Email", "Remote-Groups", "Remote-Name", "Remote-User"].map((name) => [name, ""]);
    expect(forged(Access.open())).toEqual(usual);
    expect(forged(Access.behind(GUARD))).toEqual([...usual, ["X-Signed-On", ""]]);
  });

  test("asks browsers to preload the domain only on request", () => {
    const preload = (edge: Partial<Edge>) => render({}, edge).middlewares["security-headers"].headers.stsPreload;
    expect([preload({}), preload({ headers: { preload: true } })]).toEqual([false, true]);
  });

  describe("signed-in users", () => {
    const { routers, middlewares } = render({
      access: Access.behind(GUARD),
      api: { path: "/api/", scheme: "Token" },
      assets: { guarded: ["/images/"], open: ["/scripts/"] },
    });

    test("of one address have separate limits: a session cookie gets a higher limit before the guard, and each user has a limit behind it", () => {
      expect(routers.sessions).toMatchObject({
        rule: "Host(`wiki.example.com`) && !PathPrefix(`/api/`) && !(PathPrefix(`/scripts/`)) && HeaderRegexp(`Cookie`, `(^|; *)portal_session[^=; ]*=[^; ]`)",
        entryPoints: ["websecure"],
        middlewares: ["in-flight-sessions", "rate-sessions"],
      });
      expect(middlewares["rate-sessions"].rateLimit).toMatchObject({ average: 6000, burst: 3000, sourceCriterion: { ipStrategy: { ipv6Subnet: 64 } } });
      expect(routers.wiki).toMatchObject({ middlewares: ["wiki-guard", "wiki-user-rate"], parentRefs: ["pages", "sessions"] });
      expect(middlewares["wiki-user-rate"]).toEqual({
        rateLimit: { average: 300, period: "1m", burst: 150, sourceCriterion: { requestHeaderName: "Remote-User" } },
      });
      expect(middlewares["wiki-user-rate-assets"].rateLimit).toMatchObject({ average: 1800, burst: 900 });
    });

    test("get nothing wider for what no guard decides about: a cookie can be forged", () => {
      expect(routers["wiki-open-assets"]?.parentRefs).toEqual(["assets"]);
      expect(routers["wiki-api"]?.parentRefs).toEqual(["pages", "api"]);
      expect(render({ access: Access.open() }).routers).not.toHaveProperty("sessions");
    });
  });

  describe("an API that checks tokens itself", () => {
    const { routers, middlewares } = render({ access: Access.behind(GUARD), api: { path: "/api/", scheme: "Token" } });

    test("has a separate rate limit for requests with a token, and the guard still decides", () => {
      expect(routers.api).toMatchObject({
        rule: "Host(`wiki.example.com`) && PathPrefix(`/api/`) && HeaderRegexp(`Authorization`, `^Token [^ ]`)",
        middlewares: ["in-flight-api", "rate-api"],
      });
      expect(middlewares["rate-api"].rateLimit).toMatchObject({ average: 200, burst: 100 });
      expect(routers["wiki-api"]).toMatchObject({ rule: "Host(`wiki.example.com`) && PathPrefix(`/api/`)", middlewares: ["wiki-guard"] });
    });
  });

  describe("trusted networks", () => {
    const rateLimits = { ...RATE_LIMITS, trusted: { perMinute: 1000, burst: 500, networks: ["198.51.100.0/24", "2001:db8::/32"] } };

    test("have a wider rate limit only where one was set", () => {
      expect(render().routers).not.toHaveProperty("trusted");
      const { routers, middlewares } = render({ assets: { open: ["/scripts/"] } }, { rateLimits });
      expect(routers.trusted?.rule).toBe("(ClientIP(`198.51.100.0/24`)) || (ClientIP(`2001:db8::/32`))");
      expect(middlewares["rate-trusted"].rateLimit).toMatchObject({ average: 1000, burst: 500 });
      expect([routers.wiki?.parentRefs, routers["wiki-open-assets"]?.parentRefs]).toEqual([
        ["pages", "trusted"],
        ["assets", "trusted"],
      ]);
    });

    test("are known behind proxies by what the last of them says", () => {
      const { routers, middlewares } = render({}, { rateLimits, proxies: ["192.0.2.0/24"] });
      expect(routers.trusted?.rule).toBe("HeaderRegexp(`X-Forwarded-For`, `(^|[, ])198\\.51\\.100\\.[0-9]+$`)");
      expect(middlewares["rate-trusted"].rateLimit.sourceCriterion).toEqual({ ipStrategy: { ipv6Subnet: 64, depth: 1 } });
    });

    test("come after a session cookie: users who sign in do not get a lower limit because the network is trusted", () => {
      const { routers } = render({ access: Access.behind(GUARD), api: { path: "/api/", scheme: "Token" } }, { rateLimits });
      const byPriority = ["pages", "api", "trusted", "sessions"].map((name) => routers[name]?.priority);
      expect(byPriority).toEqual([...byPriority].sort());
    });
  });

  test("counts containers by their own address, although clients come by proxies: they ask the portal for every sign-in", () => {
    const { routers, middlewares } = render({}, { containers: ["10.0.2.0/26"], proxies: ["192.0.2.0/24"] });
    expect(routers.containers).toMatchObject({ rule: "ClientIP(`10.0.2.0/26`)", middlewares: ["in-flight-containers", "rate-containers"] });
    expect(middlewares["rate-containers"].rateLimit).toMatchObject({ average: 600, sourceCriterion: { ipStrategy: { ipv6Subnet: 64 } } });
    expect(middlewares["rate-containers"].rateLimit.sourceCriterion.ipStrategy).not.toHaveProperty("depth");
  });

  describe("behind proxies", () => {
    const { routers, middlewares } = render({ assets: { open: ["/scripts/"] } }, { proxies: ["192.0.2.0/24"] });

    test("counts by the address that the last of them names", () => {
      expect(middlewares["rate-pages"].rateLimit.sourceCriterion).toEqual({ ipStrategy: { ipv6Subnet: 64, depth: 1 } });
    });

    test("forwards no list that the client may have started", () => {
      expect(routers["many-hops"]).toEqual({
        rule: "HeaderRegexp(`X-Forwarded-For`, `,`)",
        priority: 2,
        middlewares: ["forget-hops"],
        parentRefs: ["pages", "assets"],
      });
      expect(routers["one-hop"]).toEqual({ rule: "PathPrefix(`/`)", priority: 1, parentRefs: ["pages", "assets"] });
      expect(middlewares["forget-hops"]).toEqual({ headers: { customRequestHeaders: { "X-Forwarded-For": "" } } });
      for (const name of ["wiki", "wiki-open-assets"]) expect(routers[name]?.parentRefs).toEqual(["many-hops", "one-hop"]);
    });
  });
});
