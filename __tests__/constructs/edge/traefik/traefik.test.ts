import { parse } from "yaml";
import type { SecretDirectory } from "../../../../constructs/contracts/secret-store";
import { Duration } from "../../../../constructs/core/duration";
import { descriptionOf } from "../../../../constructs/docker/description";
import { Access } from "../../../../constructs/edge/traefik/access";
import { type DnsChallenge, LetsEncrypt } from "../../../../constructs/edge/traefik/lets-encrypt";
import { OwnCertificate } from "../../../../constructs/edge/traefik/own-certificate";
import { httpsUrl } from "../../../../constructs/edge/traefik/published";
import { Traefik, type TraefikProps } from "../../../../constructs/edge/traefik/traefik";
import { Authority, SecretText } from "../../../../constructs/secrets/secret";
import { planOf, type TestContext } from "../../../support/plan";

const WIKI = { httpServers: ["http://wiki:3000"] };
const OPEN = { access: Access.open() };
const QUEUE = { slots: 3, waiting: 1, wait: Duration.seconds(1) };
const GUARD = {
  forwardAuthAddress: "http://guard:9091/ask",
  forwardAuthHeaders: ["Remote-User"],
  userHeader: "Remote-User",
  sessionCookie: "portal_session",
};

/** Names of routes → host names. */
type Routes = Readonly<Record<string, string>>;

function planWith(props: Partial<TraefikProps> = {}, routes: Routes = { wiki: "wiki.example.com" }) {
  return planOf((context) => {
    const traefik = edge(context, props);
    for (const [name, hostName] of Object.entries(routes)) traefik.route(name, hostName, WIKI, OPEN);
  });
}

function edge({ stack, namespace, image, networks, volumes, secrets }: TestContext, props: Partial<TraefikProps> = {}): Traefik {
  return new Traefik(stack, "Traefik", {
    namespace,
    image,
    volumes,
    secrets,
    networks: [{ network: networks.proxy, position: 10 }, { network: networks.backend }],
    published: { address: "127.0.0.1", http: 80, https: 443 },
    issuer: new Authority("edge_ca", "example.com"),
    limits: { memoryMiB: 256 },
    ...props,
  });
}

describe("Traefik", () => {
  const plan = planWith();

  test("publishes its ports, HTTPS for HTTP/3 too, the same inside and outside, at the address that was asked for", () => {
    expect(plan.container("test-traefik").ports).toEqual([
      { internal: 80, external: 80, ip: "127.0.0.1", protocol: "tcp" },
      { internal: 443, external: 443, ip: "127.0.0.1", protocol: "tcp" },
      { internal: 443, external: 443, ip: "127.0.0.1", protocol: "udp" },
    ]);
    const moved = planWith({ published: { address: "0.0.0.0", http: 8081, https: 8443 } });
    expect(moved.container("test-traefik").ports.map(({ internal, external }: Record<string, number>) => [internal, external])).toEqual([
      [8081, 8081],
      [8443, 8443],
      [8443, 8443],
    ]);
    expect(parse(moved.file("test-traefik", "traefik.yml"))).toHaveProperty("entryPoints.websecure.address", ":8443");
  });

  describe("behind something that has the port of the URLs", () => {
    const published = { address: "127.0.0.1", http: 8081, https: 8443, public: 443 };
    const ports = (plan: ReturnType<typeof planWith>) =>
      plan.container("test-traefik").ports.map(({ internal, external, protocol }: Record<string, unknown>) => `${external} to ${internal}/${protocol}`);

    test("listens on that port, so that redirects and links have it, and is published on another", () => {
      const nat = planWith({ published });
      expect(ports(nat)).toEqual(["8081 to 8081/tcp", "8443 to 443/tcp", "8443 to 443/udp"]);
      expect(parse(nat.file("test-traefik", "traefik.yml"))).toMatchObject({
        entryPoints: { web: { address: ":8081" }, websecure: { address: ":443", http3: { advertisedPort: 443 } } },
      });
    });

    test("neither announces nor offers HTTP/3 if a proxy terminates TLS", () => {
      const proxied = planWith({ published, proxies: ["172.30.10.1/32"] });
      expect(ports(proxied)).toEqual(["8081 to 8081/tcp", "8443 to 443/tcp"]);
      expect(parse(proxied.file("test-traefik", "traefik.yml"))).not.toHaveProperty("entryPoints.websecure.http3");
    });

    test("may be published on a port that it uses inside", () => {
      expect(ports(planWith({ published: { ...published, https: 8080 } }))).toContain("8080 to 443/tcp");
    });
  });

  test("publishes each port on an IPv6 address, too, when it has one", () => {
    const six = planWith({ published: { address: "0.0.0.0", ipv6: "::", http: 80, https: 443 } });
    expect(six.container("test-traefik").ports.map(({ ip, external, protocol }: Record<string, unknown>) => `${ip} ${external} ${protocol}`)).toEqual([
      "0.0.0.0 80 tcp",
      "0.0.0.0 443 tcp",
      "0.0.0.0 443 udp",
      ":: 80 tcp",
      ":: 443 tcp",
      ":: 443 udp",
    ]);
  });

  test("has neither the Docker socket nor a capability nor root", () => {
    const { mounts, capabilities, user } = plan.container("test-traefik");
    expect(mounts.map(({ type, target }: Record<string, string>) => `${type} ${target}`)).toEqual([
      "volume /etc/traefik",
      "volume /run/secrets",
      "volume /var/log/traefik",
      "volume /plugins-local/src/secure-bookstack/queue",
    ]);
    expect({ capabilities, user }).toEqual({ capabilities: { drop: ["ALL"] }, user: "65532:65532" });
  });

  test("has a health check on a real route: its own ping is OK even without any route", () => {
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

  test("is found by its host names on the internal network alone", () => {
    const { networks_advanced } = planWith({}, { wiki: "wiki.example.com", auth: "auth.example.com" }).container("test-traefik");
    expect(networks_advanced.map(({ aliases }: { aliases: string[] }) => aliases)).toEqual([["traefik"], ["traefik", "auth.example.com", "wiki.example.com"]]);
  });

  test("tells where metrics and people find it", () => {
    planOf((context) => {
      const traefik = edge(context, { published: { address: "127.0.0.1", http: 80, https: 8443 } });
      traefik.route("wiki", "wiki.example.com", WIKI, OPEN);
      expect(traefik.metricsAddress).toBe("traefik:8080");
      expect(traefik.url("wiki.example.com")).toBe("https://wiki.example.com:8443");
    });
  });

  test.each<[string, Partial<TraefikProps>, string]>([
    ["the same port twice", { published: { address: "::", http: 443, https: 443 } }, "published.http and published.https must differ, got 443 for both"],
    [
      "one port for HTTP and for URLs",
      { published: { address: "::", http: 443, https: 8443, public: 443 } },
      "published.http and published.public must differ, got 443 for both",
    ],
    [
      "the port of its metrics in URLs",
      { published: { address: "::", http: 80, https: 443, public: 8080 } },
      "published port 8080 is used inside the container; choose another",
    ],
    ["the port of its metrics", { published: { address: "::", http: 8080, https: 443 } }, "published port 8080 is used inside the container; choose another"],
    ["the port of its probe", { published: { address: "::", http: 80, https: 8082 } }, "published port 8082 is used inside the container; choose another"],
  ])("refuses %s", (_, props, reason) => {
    expect(() => planWith(props)).toThrow(reason);
  });

  test("refuses to be without a network that Docker publishes ports on", () => {
    expect(() => planOf((context) => void edge(context, { networks: [{ network: context.networks.backend }] }))).toThrow("networks must name a routable one");
  });

  test("refuses to have no route", () => {
    expect(() => planWith({}, {})).toThrow("has no route; call route() at least once");
  });

  test.each([
    ["wiki", "b.example.com", WIKI, 'route "wiki" is taken; give the second one another name'],
    ["other", "wiki.example.com", WIKI, 'host name "wiki.example.com" has a route already'],
    ["other", "Wiki Example", WIKI, '"Wiki Example" is no host name'],
    ["other", "b.example.com", { httpServers: [] }, 'route "other" has no server'],
    ["probe", "b.example.com", WIKI, 'or "many-hops", got "probe"'],
    ["other@file", "b.example.com", WIKI, 'got "other@file"'],
  ])("refuses the route %s for %s to %j", (name, hostName, target, reason) => {
    const build = () =>
      planOf((context) => {
        const traefik = edge(context);
        traefik.route("wiki", "wiki.example.com", WIKI, OPEN);
        traefik.route(name, hostName, target, OPEN);
      });
    expect(build).toThrow(reason);
  });
});

describe("the connections of the edge", () => {
  const source = { lapiHost: "decisions:8080", bouncerKey: (directory: SecretDirectory) => directory.add(SecretText.password("bouncer_key")) };
  const connectionsOf = (compose: (traefik: Traefik) => void) => {
    let traefik: Traefik | undefined;
    planOf((context) => {
      traefik = edge(context);
      compose(traefik);
    });
    return traefik && descriptionOf(traefik.service)?.connects;
  };

  test("are those to the servers of its routes, once for each container", () => {
    const connects = connectionsOf((traefik) => {
      traefik.route("wiki", "wiki.example.com", WIKI, OPEN);
      traefik.route("docs", "docs.example.com", { httpServers: ["http://wiki:3000", "http://docs"] }, OPEN);
    });
    expect(connects).toEqual([
      { to: "wiki", label: "HTTP 3000" },
      { to: "docs", label: "HTTP 80" },
    ]);
  });

  test("begin with a guard and the source of decisions, if there are any", () => {
    const connects = connectionsOf((traefik) => {
      traefik.route("wiki", "wiki.example.com", WIKI, { access: Access.behind(GUARD) });
      traefik.route("portal", "portal.example.com", { httpServers: ["http://guard:9091"] }, OPEN);
      traefik.blockBy(source);
    });
    expect(connects).toEqual([
      { to: "guard", label: "who? 9091" },
      { to: "decisions", label: "banned? 8080" },
      { to: "wiki", label: "HTTP 3000" },
    ]);
  });

  test("leave out a service on the network of the host, which has no name", () => {
    expect(
      connectionsOf((traefik) => traefik.route("graphs", "graphs.example.com", { httpServers: ["http://10.1.0.1:3000", "http://[fd00::1]:3000"] }, OPEN)),
    ).toEqual([]);
  });
});

describe("a guard", () => {
  const routes = (plan: ReturnType<typeof planWith>) => parse(plan.file("test-traefik", "dynamic/routes.yml")).http;
  const guarded = planOf((context) => {
    const traefik = edge(context);
    traefik.route("wiki", "wiki.example.com", WIKI, { access: Access.behind(GUARD) });
    traefik.exposeDashboard("traefik.example.com", Access.behind(GUARD));
  });

  test("is asked about each request, and its word about the person goes to the service", () => {
    const { routers, middlewares } = routes(guarded);
    expect(routers.wiki.middlewares).toEqual(["wiki-guard", "wiki-user-rate"]);
    expect(middlewares["wiki-guard"].forwardAuth).toMatchObject({ address: GUARD.forwardAuthAddress, authResponseHeaders: ["Remote-User"] });
  });

  test("protects the dashboard, which has a certificate, an API and nothing else", () => {
    expect(routes(guarded).routers.dashboard).toMatchObject({ middlewares: ["dashboard-guard", "dashboard-user-rate"], service: "api@internal" });
    expect(parse(guarded.file("test-traefik", "traefik.yml")).api).toEqual({ dashboard: true, insecure: false });
    expect(guarded.file("test-secrets", "manifest")).toContain("\tedge_ca\ttraefik.example.com,wiki.example.com\n");
  });

  test.each<[string, (traefik: Traefik) => void, string]>([
    ["a public dashboard", (traefik) => traefik.exposeDashboard("traefik.example.com", Access.open()), "put it behind a guard"],
    ["a dashboard in the place of a route", (traefik) => traefik.exposeDashboard("wiki.example.com", Access.behind(GUARD)), "has a route already"],
    ["a path that is none", (traefik) => traefik.route("a", "a.example.com", WIKI, { ...OPEN, healthPath: "status" }), 'begins with "/"'],
    [
      "a queue without slots",
      (traefik) => traefik.route("a", "a.example.com", WIKI, { ...OPEN, queue: { ...QUEUE, slots: 0 } }),
      'slots of queue of route "a" must be 1 or more, got 0',
    ],
    [
      "a share that is larger than the whole",
      (traefik) => traefik.route("a", "a.example.com", WIKI, { ...OPEN, queue: { ...QUEUE, slotsPerClient: 4 } }),
      'slotsPerClient of queue of route "a" must be 1 to 3 (slots), got 4',
    ],
    [
      "a queue without waiting requests",
      (traefik) => traefik.route("a", "a.example.com", WIKI, { ...OPEN, assets: { openQueue: { ...QUEUE, wait: Duration.parse("100ms") } } }),
      'wait of assets.openQueue of route "a" must be 1s or more, got 100ms',
    ],
    [
      "costly paths without a path",
      (traefik) => traefik.route("a", "a.example.com", WIKI, { ...OPEN, costly: { paths: [], queue: QUEUE } }),
      "must name at least one path",
    ],
  ])("refuses %s", (_, build, reason) => {
    const refused = () =>
      planOf((context) => {
        const traefik = edge(context);
        traefik.route("wiki", "wiki.example.com", WIKI, OPEN);
        build(traefik);
      });
    expect(refused).toThrow(reason);
  });

  test("is asked over HTTP", () => {
    expect(() => Access.behind({ ...GUARD, forwardAuthAddress: "ftp://guard/" })).toThrow('over http or https, got "ftp://guard/"');
  });
});

describe("blockBy", () => {
  const source = { lapiHost: "crowdsec:8080", bouncerKey: (directory: SecretDirectory) => directory.add(SecretText.password("bouncer_key")) };
  const blocking = planOf((context) => {
    const traefik = edge(context);
    traefik.route("wiki", "wiki.example.com", WIKI, OPEN);
    traefik.blockBy(source);
  });

  test("asks before any service is, and on the way of the health check", () => {
    const { entryPoints, experimental } = parse(blocking.file("test-traefik", "traefik.yml"));
    expect(entryPoints.probe.http.middlewares).toEqual(["security-headers@file", "crowdsec@file"]);
    expect(parse(blocking.file("test-traefik", "dynamic/routes.yml")).http.routers.pages.middlewares).toEqual(["in-flight-pages", "rate-pages", "crowdsec"]);
    expect(experimental).toEqual({ abortOnPluginFailure: true, localPlugins: { bouncer: { moduleName: expect.stringContaining("crowdsec-bouncer") } } });
  });

  test("reads its key from a file, and continues without an answer", () => {
    const { crowdsec } = parse(blocking.file("test-traefik", "dynamic/routes.yml")).http.middlewares;
    expect(crowdsec.plugin.bouncer).toMatchObject({
      crowdsecMode: "stream",
      updateIntervalSeconds: 10,
      updateMaxFailure: -1,
      streamStartupBlock: false,
      crowdsecLapiHost: "crowdsec:8080",
      crowdsecLapiKeyFile: "/run/secrets/bouncer_key",
    });
  });

  test("is done by one source", () => {
    const twice = () =>
      planOf((context) => {
        const traefik = edge(context);
        traefik.blockBy(source);
        traefik.blockBy(source);
      });
    expect(twice).toThrow("blocks by a source of decisions already");
  });
});

const CLOUDFLARE = { CF_DNS_API_TOKEN_FILE: SecretText.provided("cloudflare_dns_token") };

describe("with a provided certificate", () => {
  const plan = planWith(
    { issuer: new OwnCertificate("tls_certificate", SecretText.providedFile("tls_key")) },
    { wiki: "wiki.example.com", auth: "auth.example.com" },
  );

  test("reads the files, which are distributed together, for exactly the routed names", () => {
    expect(parse(plan.file("test-traefik", "dynamic/tls.yml")).tls.certificates).toEqual([
      { certFile: "/run/secrets/tls_certificate", keyFile: "/run/secrets/tls_key" },
    ]);
    expect(plan.file("test-secrets", "manifest").split("\n")).toEqual(
      expect.arrayContaining([
        "create\ttls_certificate\tprovided-certificate\ttls_key\tauth.example.com,wiki.example.com",
        "create\ttls_key\tprovided-file\t-\t-",
      ]),
    );
  });

  test("creates and orders none", () => {
    expect(plan.file("test-secrets", "manifest")).not.toMatch(/\t(authority|certificate)\t/);
    expect(parse(plan.file("test-traefik", "traefik.yml"))).not.toHaveProperty("certificatesResolvers");
  });
});

describe("with Let's Encrypt", () => {
  const letsEncrypt = (staging: boolean) =>
    planWith(
      { issuer: new LetsEncrypt("ops@example.com", { provider: "cloudflare", secrets: CLOUDFLARE }, staging) },
      { wiki: "wiki.example.com", auth: "auth.example.com" },
    );
  const plan = letsEncrypt(false);

  test("asks for one certificate with all names, by a record at Cloudflare", () => {
    expect(parse(plan.file("test-traefik", "dynamic/routes.yml")).http.routers.pages.tls).toEqual({
      certResolver: "letsencrypt",
      domains: [{ main: "auth.example.com", sans: ["wiki.example.com"] }],
    });
    expect(parse(plan.file("test-traefik", "traefik.yml")).certificatesResolvers.letsencrypt.acme).toEqual({
      email: "ops@example.com",
      storage: "/var/lib/traefik/acme.json",
      caServer: "https://acme-v02.api.letsencrypt.org/directory",
      keyType: "EC256",
      dnsChallenge: { provider: "cloudflare" },
    });
  });

  test("reads the token from a file, and keeps what it got", () => {
    const { env, mounts } = plan.container("test-traefik");
    expect(env).toEqual(["CF_DNS_API_TOKEN_FILE=/run/secrets/cloudflare_dns_token", "GOMEMLIMIT=192MiB"]);
    expect(mounts.map(({ target }: Record<string, string>) => target)).toContain("/var/lib/traefik");
    expect(plan.file("test-secrets", "manifest")).toMatch(/^create\tcloudflare_dns_token\tprovided\t-\t-$/m);
  });

  test("has neither its own CA nor its own certificate", () => {
    expect(plan.file("test-secrets", "manifest")).not.toMatch(/authority|certificate/);
    expect(parse(plan.file("test-traefik", "dynamic/tls.yml")).tls).not.toHaveProperty("certificates");
  });

  describe("proved at another DNS provider", () => {
    const secrets = { HETZNER_API_TOKEN_FILE: SecretText.provided("dns_hetzner_api_token"), OCI_CONFIG_FILE: SecretText.providedFile("dns_oci_config_file") };
    const at = (challenge: Partial<DnsChallenge>) =>
      planWith({ issuer: new LetsEncrypt("ops@example.com", { provider: "hetzner", secrets, ...challenge }, false) });
    const rendered = (challenge: Partial<DnsChallenge>) =>
      parse(at(challenge).file("test-traefik", "traefik.yml")).certificatesResolvers.letsencrypt.acme.dnsChallenge;

    test("reads each secret from a file, and the rest as it is", () => {
      const { env } = at({ variables: { HETZNER_TTL: "60" } }).container("test-traefik");
      expect(env.filter((line: string) => !line.startsWith("GO"))).toEqual([
        "HETZNER_API_TOKEN_FILE=/run/secrets/dns_hetzner_api_token",
        "HETZNER_TTL=60",
        "OCI_CONFIG_FILE=/run/secrets/dns_oci_config_file",
      ]);
    });

    test("asks other DNS servers, and later: split-horizon DNS, slow propagation", () => {
      expect(rendered({})).toEqual({ provider: "hetzner" });
      expect(rendered({ resolvers: ["9.9.9.9:53"] })).toEqual({ provider: "hetzner", resolvers: ["9.9.9.9:53"] });
      expect(rendered({ delay: Duration.seconds(90) })).toMatchObject({ propagation: { delayBeforeChecks: "1m30s", requireAllRNS: true } });
      expect(rendered({ checks: "resolvers" })).toMatchObject({ propagation: { disableANSChecks: true, requireAllRNS: true } });
      expect(rendered({ checks: "none", delay: Duration.seconds(120) })).toEqual({
        provider: "hetzner",
        propagation: { disableChecks: true, delayBeforeChecks: "2m0s" },
      });
    });
  });

  test("keeps certificates of the test authority apart", () => {
    expect(parse(letsEncrypt(true).file("test-traefik", "traefik.yml")).certificatesResolvers.letsencrypt.acme).toMatchObject({
      storage: "/var/lib/traefik/staging.json",
      caServer: "https://acme-staging-v02.api.letsencrypt.org/directory",
    });
  });
});

describe("httpsUrl", () => {
  test("leaves the usual port out", () => {
    expect([httpsUrl("a.example", 443), httpsUrl("a.example", 8443)]).toEqual(["https://a.example", "https://a.example:8443"]);
  });
});
