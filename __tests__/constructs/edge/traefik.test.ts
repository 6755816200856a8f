import { parse } from "yaml";
import { httpsUrl, Traefik, type TraefikProps } from "../../../constructs/edge/traefik";
import { Authority } from "../../../constructs/secrets/secret";
import { type Ground, planOf } from "../../support/plan";

const WIKI = { httpServers: ["http://wiki:3000"] };

/** Names of routes → host names. */
type Routes = Readonly<Record<string, string>>;

function planWith(props: Partial<TraefikProps> = {}, routes: Routes = { wiki: "wiki.example.com" }) {
  return planOf((ground) => {
    const traefik = edge(ground, props);
    for (const [name, hostName] of Object.entries(routes)) traefik.route(name, hostName, WIKI);
  });
}

function edge({ stack, namespace, image, networks, volumes, secrets }: Ground, props: Partial<TraefikProps> = {}): Traefik {
  return new Traefik(stack, "Traefik", {
    namespace,
    image,
    volumes,
    secrets,
    networks: [{ network: networks.proxy, position: 10 }, { network: networks.backend }],
    published: { address: "127.0.0.1", http: 80, https: 443 },
    authority: new Authority("edge_ca", "example.com"),
    limits: { memoryMiB: 256 },
    ...props,
  });
}

describe("Traefik", () => {
  const plan = planWith();

  test("publishes its two ports, the same inside and outside, at the address that was asked for", () => {
    expect(plan.container("test-traefik").ports).toEqual([
      { internal: 80, external: 80, ip: "127.0.0.1", protocol: "tcp" },
      { internal: 443, external: 443, ip: "127.0.0.1", protocol: "tcp" },
    ]);
    const moved = planWith({ published: { address: "0.0.0.0", http: 8081, https: 8443 } });
    expect(moved.container("test-traefik").ports.map(({ internal, external }: Record<string, number>) => [internal, external])).toEqual([
      [8081, 8081],
      [8443, 8443],
    ]);
    expect(parse(moved.file("test-traefik", "traefik.yml"))).toHaveProperty("entryPoints.websecure.address", ":8443");
  });

  test("has neither the Docker socket nor a capability nor root", () => {
    const { mounts, capabilities, user } = plan.container("test-traefik");
    expect(mounts.map(({ type, target }: Record<string, string>) => `${type} ${target}`)).toEqual([
      "volume /etc/traefik",
      "volume /run/secrets",
      "volume /var/log/traefik",
    ]);
    expect({ capabilities, user }).toEqual({ capabilities: { drop: ["ALL"] }, user: "65532:65532" });
  });

  test("is asked for a real route: its own health check is content when every route is gone", () => {
    expect(plan.container("test-traefik").healthcheck.test).toEqual(["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8082/probe"]);
  });

  test("reads the certificate where the secret store puts it", () => {
    expect(parse(plan.file("test-traefik", "dynamic/tls.yml"))).toHaveProperty("tls.certificates", [
      { certFile: "/run/secrets/edge.crt", keyFile: "/run/secrets/edge.key" },
    ]);
  });

  test("has a certificate for exactly the names that were routed, whatever the order of calls", () => {
    const routes = { wiki: "wiki.example.com", auth: "auth.example.com" };
    const line = "create\tedge\tcertificate\tedge_ca\tauth.example.com,wiki.example.com";
    const { file, json } = planWith({}, routes);
    expect(file("test-secrets", "manifest").split("\n")).toContain(line);
    expect(json).toBe(planWith({}, Object.fromEntries(Object.entries(routes).reverse())).json);
  });

  test("tells where metrics and people find it", () => {
    planOf((ground) => {
      const traefik = edge(ground, { published: { address: "127.0.0.1", http: 80, https: 8443 } });
      traefik.route("wiki", "wiki.example.com", WIKI);
      expect(traefik.metricsAddress).toBe("traefik:8080");
      expect(traefik.url("wiki.example.com")).toBe("https://wiki.example.com:8443");
    });
  });

  test.each<[string, Partial<TraefikProps>, string]>([
    ["the same port twice", { published: { address: "::", http: 443, https: 443 } }, "published.http and published.https must differ, got 443 for both"],
    ["the port of its metrics", { published: { address: "::", http: 8080, https: 443 } }, "published port 8080 is used inside the container; choose another"],
    ["the port of its probe", { published: { address: "::", http: 80, https: 8082 } }, "published port 8082 is used inside the container; choose another"],
  ])("refuses %s", (_, props, reason) => {
    expect(() => planWith(props)).toThrow(reason);
  });

  test("refuses to be without a network that Docker publishes ports on", () => {
    expect(() => planOf((ground) => void edge(ground, { networks: [{ network: ground.networks.backend }] }))).toThrow("networks must name a routable one");
  });

  test("refuses to lead nowhere", () => {
    expect(() => planWith({}, {})).toThrow("leads nowhere; call route() at least once");
  });

  test.each([
    ["wiki", "b.example.com", WIKI, 'route "wiki" is taken; give the second one another name'],
    ["other", "wiki.example.com", WIKI, 'host name "wiki.example.com" has a route already'],
    ["other", "Wiki Example", WIKI, '"Wiki Example" is no host name'],
    ["other", "b.example.com", { httpServers: [] }, 'route "other" leads to no server'],
    ["probe", "b.example.com", WIKI, 'is not "probe", got "probe"'],
    ["other@file", "b.example.com", WIKI, 'got "other@file"'],
  ])("refuses the route %s for %s to %j", (name, hostName, target, reason) => {
    const build = () =>
      planOf((ground) => {
        const traefik = edge(ground);
        traefik.route("wiki", "wiki.example.com", WIKI);
        traefik.route(name, hostName, target);
      });
    expect(build).toThrow(reason);
  });
});

describe("httpsUrl", () => {
  test("leaves the usual port out", () => {
    expect([httpsUrl("a.example", 443), httpsUrl("a.example", 8443)]).toEqual(["https://a.example", "https://a.example:8443"]);
  });
});
