import { Duration } from "../../../../constructs/core/duration";
import { Access } from "../../../../constructs/edge/traefik/access";
import { RATE_LIMITS } from "../../../../constructs/edge/traefik/rate-limit";
import { type Edge, renderStatic, renderTls } from "../../../../constructs/edge/traefik/traefik-config";

const EDGE: Edge = {
  ports: { http: 8081, https: 8443 },
  http3: true,
  routes: [],
  headers: { preload: false },
  proxies: [],
  rateLimits: RATE_LIMITS,
  containers: [],
};

describe("renderStatic", () => {
  const config = renderStatic(EDGE);

  test("sends everything that comes without encryption to the encrypted port, for good", () => {
    expect(config).toHaveProperty("entryPoints.web", {
      address: ":8081",
      http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } },
    });
    expect(config).toHaveProperty("entryPoints.websecure.address", ":8443");
  });

  test("offers HTTP/3 on the public port", () => {
    expect(config).toHaveProperty("entryPoints.websecure.http3", { advertisedPort: 8443 });
  });

  test("trusts no client address by default, and then only those from configured proxies", () => {
    expect(config).toHaveProperty("entryPoints.websecure.forwardedHeaders", { insecure: false });
    expect(renderStatic({ ...EDGE, proxies: ["192.0.2.0/24"] })).toHaveProperty("entryPoints.websecure.forwardedHeaders", {
      insecure: false,
      trustedIPs: ["192.0.2.0/24"],
    });
  });

  test("removes headers that programs would read as others", () => {
    expect(config).toHaveProperty("entryPoints.websecure.http.underscoreHeadersStrategy", "delete");
  });

  test("takes no headers, and no requests of one connection at a time, that could fill the memory", () => {
    expect(config).toHaveProperty("entryPoints.websecure.http.maxHeaderBytes", 32_768);
    expect(config).toHaveProperty("entryPoints.websecure.http2", { maxConcurrentStreams: 16 });
  });

  test("tells response times apart on both sides of the alert's threshold", () => {
    const buckets: readonly number[] = Object(config).metrics.prometheus.buckets;
    expect(buckets).toEqual([...buckets].sort((a, b) => a - b));
    expect(buckets).toEqual(expect.arrayContaining([0.1, 0.5, 1, 2, 5, 10]));
  });

  test("loads the plugin of queues where there is one", () => {
    const queue = { slots: 1, waiting: 1, wait: Duration.seconds(1) };
    const route = { name: "a", hostName: "a.example.com", servers: ["http://a:1"], access: Access.open(), queue };
    expect(renderStatic({ ...EDGE, routes: [route] })).toHaveProperty("experimental", {
      abortOnPluginFailure: true,
      localPlugins: { queue: { moduleName: "secure-bookstack/queue" } },
    });
  });

  test("puts the security headers first, for refusals to have them too", () => {
    expect(config).toHaveProperty("entryPoints.websecure.http.middlewares", ["security-headers@file"]);
    const blocking = renderStatic({ ...EDGE, bouncer: { lapiHost: "crowdsec:8080", keyFile: "/run/secrets/key" } });
    // the search for attacks comes after the rate limits, which cost less
    expect(blocking).toHaveProperty("entryPoints.websecure.http.middlewares", ["security-headers@file"]);
    expect(blocking).toHaveProperty("entryPoints.probe.http.middlewares", ["security-headers@file", "crowdsec@file"]);
  });

  test("lets the probe be reached from within the container only, by the way that requests take", () => {
    expect(config).toHaveProperty("entryPoints.probe", { address: "127.0.0.1:8082", http: { middlewares: ["security-headers@file"] } });
  });

  test("waits for a request as long as the route needs that takes the largest files, and five minutes at least", () => {
    const route = (seconds: number) => {
      const times = { request: Duration.seconds(seconds), answer: Duration.seconds(60) };
      return { name: `r${seconds}`, hostName: `r${seconds}.example.com`, servers: ["http://a:1"], access: Access.open(), times };
    };
    const timeout = "entryPoints.websecure.transport.respondingTimeouts.readTimeout";
    expect(config).toHaveProperty(timeout, "5m0s");
    expect(renderStatic({ ...EDGE, routes: [route(60)] })).toHaveProperty(timeout, "5m0s");
    expect(renderStatic({ ...EDGE, routes: [route(60), route(7200), route(900)] })).toHaveProperty(timeout, "2h0m0s");
  });

  test("writes each request at once, with the client's program and no other header", () => {
    expect(config).toHaveProperty("accessLog", expect.objectContaining({ bufferingSize: 0, filePath: "/var/log/traefik/access.log" }));
    expect(config).toHaveProperty("accessLog.fields.headers", { defaultMode: "drop", names: { "User-Agent": "keep" } });
  });

  test("makes no requests to the internet, and has neither a dashboard nor a plugin nor a Docker provider", () => {
    expect(config).toHaveProperty("global", { checkNewVersion: false, sendAnonymousUsage: false });
    for (const key of ["api", "experimental", "certificatesResolvers"]) expect(config).not.toHaveProperty(key);
    expect(config).toHaveProperty("providers", { file: expect.anything() });
  });
});

describe("renderTls", () => {
  test("accepts TLS 1.3 only, for known names only", () => {
    const certificate = { certFile: "/run/secrets/edge.crt", keyFile: "/run/secrets/edge.key" };
    expect(renderTls(certificate)).toEqual({
      tls: {
        certificates: [certificate],
        options: { default: { minVersion: "VersionTLS13", sniStrict: true, curvePreferences: expect.arrayContaining(["X25519"]) } },
      },
    });
  });
});
