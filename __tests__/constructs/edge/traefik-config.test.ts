import { renderRoutes, renderStatic, renderTls } from "../../../constructs/edge/traefik-config";

describe("renderStatic", () => {
  const config = renderStatic({ http: 8081, https: 8443 });

  test("sends everything that comes without encryption to the encrypted port, for good", () => {
    expect(config).toHaveProperty("entryPoints.web", {
      address: ":8081",
      http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } },
    });
    expect(config).toHaveProperty("entryPoints.websecure.address", ":8443");
  });

  test("lets the probe be reached from within the container only", () => {
    expect(config).toHaveProperty("entryPoints.probe.address", "127.0.0.1:8082");
  });

  test("writes each request at once, with the client's program and no other header", () => {
    expect(config).toHaveProperty("accessLog", expect.objectContaining({ bufferingSize: 0, filePath: "/var/log/traefik/access.log" }));
    expect(config).toHaveProperty("accessLog.fields.headers", { defaultMode: "drop", names: { "User-Agent": "keep" } });
  });

  test("asks nobody outside anything, and has neither a dashboard nor a Docker provider", () => {
    expect(config).toHaveProperty("global", { checkNewVersion: false, sendAnonymousUsage: false });
    expect(config).not.toHaveProperty("api");
    expect(config).toHaveProperty("providers", { file: expect.anything() });
  });
});

describe("renderTls", () => {
  test("speaks TLS 1.3 only, for known names only", () => {
    expect(renderTls("/run/secrets/edge.crt", "/run/secrets/edge.key")).toEqual({
      tls: {
        certificates: [{ certFile: "/run/secrets/edge.crt", keyFile: "/run/secrets/edge.key" }],
        options: { default: { minVersion: "VersionTLS13", sniStrict: true, curvePreferences: expect.arrayContaining(["X25519"]) } },
      },
    });
  });
});

describe("renderRoutes", () => {
  test("leads each host name to all of its servers", () => {
    const { http } = renderRoutes([{ name: "wiki", hostName: "wiki.example.com", servers: ["http://a:1", "http://b:2"] }]) as {
      http: { routers: object; services: object };
    };
    expect(http.routers).toHaveProperty("wiki", { rule: "Host(`wiki.example.com`)", entryPoints: ["websecure"], service: "wiki", tls: {} });
    expect(http.services).toEqual({ wiki: { loadBalancer: { servers: [{ url: "http://a:1" }, { url: "http://b:2" }] } } });
  });

  test("has a route for the health check, which is gone when the file was not read", () => {
    expect(renderRoutes([])).toHaveProperty("http.routers", { probe: { rule: "Path(`/probe`)", entryPoints: ["probe"], service: "ping@internal" } });
  });
});
