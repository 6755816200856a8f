import { Access } from "../../../constructs/edge/access";
import type { Edge, Route } from "../../../constructs/edge/traefik-config";
import { renderRoutes } from "../../../constructs/edge/traefik-routes";

interface Rendered {
  readonly http: {
    readonly routers: Record<string, Record<string, unknown>>;
    // biome-ignore lint/suspicious/noExplicitAny: a rendered block has whatever Traefik knows
    readonly middlewares: Record<string, any>;
    readonly services: Record<string, unknown>;
  };
}

const GUARD = { forwardAuthAddress: "http://guard:9091/ask", forwardAuthHeaders: ["Remote-User", "X-Signed-On"] };
const WIKI: Route = { name: "wiki", hostName: "wiki.example.com", servers: ["http://a:1", "http://b:2"], access: Access.open() };

function render(route: Partial<Route> = {}, edge: Partial<Edge> = {}): Rendered["http"] {
  const whole: Edge = { ports: { http: 80, https: 443 }, http3: true, routes: [{ ...WIKI, ...route }], headers: { preload: false }, proxies: [], ...edge };
  return (renderRoutes(whole) as Rendered).http;
}

describe("renderRoutes", () => {
  test("leads each host name to all of its servers, through the gate that counts", () => {
    const { routers, services } = render();
    expect(routers.wiki).toEqual({ rule: "Host(`wiki.example.com`)", service: "wiki", parentRefs: ["pages"] });
    expect(routers.pages).toEqual({ rule: "PathPrefix(`/`)", priority: 1, entryPoints: ["websecure"], middlewares: ["rate-pages"], tls: {} });
    expect(services).toEqual({ wiki: { loadBalancer: { servers: [{ url: "http://a:1" }, { url: "http://b:2" }] } } });
  });

  test("has a route for the health check that nothing counts, and which is gone when the file was not read", () => {
    expect(render().routers.probe).toEqual({ rule: "Path(`/probe`)", entryPoints: ["probe"], service: "ping@internal" });
  });

  test("takes a server that does not answer out of the list", () => {
    expect(render({ healthPath: "/status" }).services).toHaveProperty("wiki.loadBalancer.healthCheck", expect.objectContaining({ path: "/status" }));
  });

  test("counts 100 requests a minute and 50 at once for each client, a /64 of IPv6 addresses being one", () => {
    expect(render().middlewares["rate-pages"]).toEqual({
      rateLimit: { average: 100, period: "1m", burst: 50, sourceCriterion: { ipStrategy: { ipv6Subnet: 64 } } },
    });
  });

  test("gives what one page asks for many times a gate of its own, and asks no guard where there is nothing to guard", () => {
    const { routers, middlewares } = render({ access: Access.behind(GUARD), assets: { guarded: ["/images/"], open: ["/scripts/", "/icon.png"] } });
    const guarded = "Host(`wiki.example.com`) && (PathPrefix(`/images/`))";
    const open = "Host(`wiki.example.com`) && (Path(`/icon.png`) || PathPrefix(`/scripts/`))";
    expect(routers["wiki-assets"]).toEqual({ rule: guarded, middlewares: ["wiki-guard"], service: "wiki", parentRefs: ["assets"] });
    expect(routers["wiki-open-assets"]).toEqual({ rule: open, service: "wiki", parentRefs: ["assets"] });
    expect(routers.assets).toMatchObject({ rule: `(${guarded}) || (${open})`, priority: 2, middlewares: ["rate-assets"] });
    expect(middlewares["rate-assets"].rateLimit.burst).toBeGreaterThanOrEqual(60);
  });

  test("limits how many requests for a costly path are in work, before the guard is asked", () => {
    const { routers, middlewares } = render({ access: Access.behind(GUARD), concurrent: { path: "/api/firstfactor", amount: 3 } });
    expect(routers["wiki-concurrent"]).toEqual({
      rule: "Host(`wiki.example.com`) && PathPrefix(`/api/firstfactor`)",
      middlewares: ["wiki-concurrent", "wiki-guard"],
      service: "wiki",
      parentRefs: ["pages"],
    });
    expect(middlewares["wiki-concurrent"]).toEqual({ inFlightReq: { amount: 3, sourceCriterion: { requestHost: true } } });
  });

  test("has a content policy where one was asked for, and nowhere else", () => {
    expect(JSON.stringify(render())).not.toMatch(/contentSecurityPolicy/);
    const { routers, middlewares } = render({ contentSecurityPolicy: "default-src 'self'" });
    expect(routers.wiki?.middlewares).toEqual(["wiki-content-policy"]);
    expect(middlewares["wiki-content-policy"]).toEqual({ headers: { contentSecurityPolicy: "default-src 'self'" } });
  });

  test("takes away what a client says about who signed on, with and without a guard", () => {
    const forged = (access: Access) => Object.entries(render({ access }).middlewares["security-headers"].headers.customRequestHeaders);
    const usual = ["Remote-Email", "Remote-Groups", "Remote-Name", "Remote-User"].map((name) => [name, ""]);
    expect(forged(Access.open())).toEqual(usual);
    expect(forged(Access.behind(GUARD))).toEqual([...usual, ["X-Signed-On", ""]]);
  });

  test("asks browsers to list the domain only when told to", () => {
    const preload = (edge: Partial<Edge>) => render({}, edge).middlewares["security-headers"].headers.stsPreload;
    expect([preload({}), preload({ headers: { preload: true } })]).toEqual([false, true]);
  });

  describe("behind proxies", () => {
    const { routers, middlewares } = render({ assets: { open: ["/scripts/"] } }, { proxies: ["192.0.2.0/24"] });

    test("counts by the address that the last of them names", () => {
      expect(middlewares["rate-pages"].rateLimit.sourceCriterion).toEqual({ ipStrategy: { ipv6Subnet: 64, depth: 1 } });
    });

    test("hands on none of a list that the client may have begun", () => {
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
