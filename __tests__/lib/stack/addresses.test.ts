import { parse } from "yaml";
import { parseEnvironment } from "../../../lib/environment/load";
import { containerSubnets, proxySubnet6 } from "../../../lib/stack/addresses";
import { WikiStack } from "../../../lib/stack/wiki-stack";
import { localText } from "../../support/example";
import { read, testApp } from "../../support/plan";

/** The plan of the local environment with another block of ports, and more. */
function planWith(ports: string, more = "") {
  const text = localText()
    .replace(/^ports:\n(?: .*\n)+/m, `ports: ${ports}\n`)
    .concat(more);
  const environment = parseEnvironment("local", text, "local.yaml");
  const stack = new WikiStack(testApp(), environment);
  return { ...read(stack), environment, urls: stack.urls };
}

const NGINX = { ports: "{ address: 127.0.0.1, http: 8081, https: 8443, public: 443 }", more: "access: { proxies: [172.30.10.1/32] }\n" };

describe("behind a reverse proxy that is on 443 already", () => {
  const plan = planWith(NGINX.ports, NGINX.more);
  const portal = parse(plan.file("local-authelia", "configuration.yml").replace(/\{\{.*\}\}/g, "template"));

  test("no URL, redirect URI or cookie has the port of the Docker host", () => {
    expect(Object.values(plan.urls)).toEqual(
      ["bookstack", "auth", "traefik", "grafana"].map((name) => expect.stringMatching(new RegExp(`^https://${name}\\.wiki\\.localhost$`))),
    );
    const clients: { redirect_uris: string[] }[] = portal.identity_providers.oidc.clients;
    expect(clients.flatMap(({ redirect_uris }) => redirect_uris)).toEqual([
      "https://bookstack.wiki.localhost/oidc/callback",
      "https://grafana.wiki.localhost/login/generic_oauth",
    ]);
    expect(portal.session.cookies).toEqual([
      { domain: "wiki.localhost", authelia_url: "https://auth.wiki.localhost", default_redirection_url: "https://bookstack.wiki.localhost" },
    ]);
    expect(plan.json.replaceAll('"external":8443', "")).not.toContain("8443:8443");
    expect(plan.files().filter(({ text }) => text.includes(":8443"))).toEqual([]);
  });

  test("the wiki reaches the portal inside by the port of the URLs", () => {
    expect(plan.container("local-bookstack").env).toEqual(
      expect.arrayContaining(["OIDC_ISSUER=https://auth.wiki.localhost", "WIKI_PORTAL_RESOLVE=auth.wiki.localhost:443:172.30.20.10"]),
    );
    expect(plan.container("local-traefik").ports).toContainEqual({ internal: 443, external: 8443, ip: "127.0.0.1", protocol: "tcp" });
  });

  test("the proxy is trusted for a client's address, others are not", () => {
    expect(parse(plan.file("local-traefik", "traefik.yml")).entryPoints.websecure.forwardedHeaders).toEqual({
      insecure: false,
      trustedIPs: ["172.30.10.1/32"],
    });
  });
});

describe("IPv6", () => {
  const plan = planWith('{ address: 0.0.0.0, ipv6: "::" }', 'networks: { proxy6: "fd80:10:1::/64" }\n');

  test("is published, and the network of the edge has addresses for it", () => {
    expect(plan.container("local-traefik").ports.map(({ ip, external }: { ip: string; external: number }) => `${ip} ${external}`)).toEqual([
      ...["0.0.0.0 80", "0.0.0.0 443", "0.0.0.0 443"],
      ...[":: 80", ":: 443", ":: 443"],
    ]);
    expect(plan.all("docker_network").map(({ name, ipv6 }) => [name, ipv6])).toEqual(
      expect.arrayContaining([
        ["local-proxy", true],
        ["local-backend", false],
        ["local-database", false],
      ]),
    );
  });

  test("of containers is never banned", () => {
    expect(containerSubnets(plan.environment)).toEqual(["172.30.10.0/24", "172.30.20.0/24", "172.30.30.0/24", "fd80:10:1::/64"]);
    expect(plan.file("local-crowdsec", "trusted")).toContain("fd80:10:1::/64");
  });

  test("has unique addresses in each environment, unless they are configured", () => {
    const environment = parseEnvironment("local", localText().replace("ports:\n", 'ports:\n  ipv6: "::"\n'), "local.yaml");
    const [first, other] = [proxySubnet6(environment), proxySubnet6({ ...environment, name: "other" })];
    expect(`${first}`).toMatch(/^fd[0-9a-f:]+::\/64$/);
    expect(`${first}`).not.toBe(`${other}`);
    expect(proxySubnet6(parseEnvironment("local", localText(), "local.yaml"))).toBeUndefined();
  });
});
