import { parse } from "yaml";
import { Endpoint } from "../../../../constructs/core/endpoint";
import { Egress, type EgressProps } from "../../../../constructs/edge/egress/egress";
import { type Block, planOf } from "../../../support/plan";

const SMTP = new Endpoint("smtp.example.com", 587);
const HOOKS = new Endpoint("hooks.example.com", 443);
const CHAT = new Endpoint("chat.example.com", 443);

function planWith(props: Partial<EgressProps>, use: (egress: Egress) => void = () => undefined) {
  return planOf(({ stack, namespace, image, networks: { proxy, backend } }) => {
    const common = { namespace, image, out: proxy, inside: { network: backend, position: 13 }, client: "172.30.20.12" };
    use(new Egress(stack, "Egress", { ...common, ...props }));
  });
}

const plan = planWith({ tcp: [SMTP], tls: [HOOKS, CHAT] });
const egress = plan.container("test-egress");
const settings = parse(plan.file("test-egress", "traefik.yml"));
const { tcp, tls } = parse(plan.file("test-egress", "dynamic/forwards.yml"));

describe("Egress", () => {
  test("is between the applications and the network with internet access, and no published port reaches it", () => {
    const networks = egress.networks_advanced.map(({ name, ipv4_address }: Block) => [/Networks_([a-z]+)_/.exec(name)?.[1], ipv4_address]);
    expect(networks).toEqual([
      ["proxy", undefined],
      ["backend", "172.30.20.13"],
    ]);
    expect(egress).not.toHaveProperty("ports");
  });

  test("has no secret, no data and no right", () => {
    expect(egress.mounts.map(({ target }: Block) => target)).toEqual(["/etc/traefik"]);
    expect(egress).toMatchObject({ user: "65532:65532", read_only: true, capabilities: { drop: ["ALL"] } });
  });

  test("listens at one port for each that a server has, on its internal address alone", () => {
    const addresses = Object.entries(settings.entryPoints as Record<string, Block>).map(([name, { address }]) => [name, address]);
    expect(addresses).toEqual([
      ["port-443", "172.30.20.13:443"],
      ["port-587", "172.30.20.13:587"],
      ["probe", "127.0.0.1:8082"],
    ]);
    expect(settings).not.toHaveProperty("api");
  });

  test("forwards TLS by the name that is asked for, and never opens it", () => {
    expect(tcp.routers["hooks.example.com-443"]).toMatchObject({
      entryPoints: ["port-443"],
      rule: "HostSNI(`hooks.example.com`)",
      tls: { passthrough: true },
    });
    expect(tcp.routers["chat.example.com-443"].rule).toBe("HostSNI(`chat.example.com`)");
    expect(tls.options.default.sniStrict).toBe(true);
  });

  test("forwards a server that sends first by its port, without waiting for a handshake", () => {
    expect(tcp.routers["smtp.example.com-587"]).toEqual({
      entryPoints: ["port-587"],
      rule: "HostSNI(`*`)",
      service: "smtp.example.com-587",
      middlewares: ["one-client"],
    });
  });

  test("forwards to servers by name: the address is resolved at each connection", () => {
    const addresses = Object.values(tcp.services as Record<string, Block>).flatMap(({ loadBalancer }) => loadBalancer.servers);
    expect(addresses).toEqual([{ address: "smtp.example.com:587" }, { address: "hooks.example.com:443" }, { address: "chat.example.com:443" }]);
  });

  test("serves one client: every router asks who it is", () => {
    expect(tcp.middlewares["one-client"]).toEqual({ ipAllowList: { sourceRange: ["172.30.20.12/32"] } });
    for (const { middlewares } of Object.values(tcp.routers as Record<string, Block>)) expect(middlewares).toEqual(["one-client"]);
  });

  test("gives up after seconds on a server that does not answer", () => {
    expect(tcp.serversTransports.outside.dialTimeout).toBe("5s");
    for (const { loadBalancer } of Object.values(tcp.services as Record<string, Block>)) expect(loadBalancer.serversTransport).toBe("outside");
  });

  test("tells its client where the servers are, in place of DNS", () => {
    const hosts = (found: Egress) => expect(found.hosts).toEqual({ "smtp.example.com": "172.30.20.13", "hooks.example.com": "172.30.20.13" });
    planWith({ tcp: [SMTP], tls: [HOOKS] }, hosts);
  });

  test.each<[string, Partial<EgressProps>, string]>([
    ["no server", {}, "has no server; add one in tcp or tls"],
    [
      "two servers at one port, of which one does not begin with TLS",
      { tcp: [SMTP], tls: [new Endpoint("a.b", 587)] },
      "smtp.example.com:587 needs its port alone",
    ],
    ["two such servers", { tcp: [SMTP, new Endpoint("a.b", 587)] }, "a.b:587 needs its port alone"],
    ["a server twice", { tls: [HOOKS, HOOKS] }, "hooks.example.com:443 is named twice"],
    ["itself", { tls: [new Endpoint("wiki.localhost", 443)] }, '"wiki.localhost" is the egress itself'],
  ])("refuses %s", (_, props, reason) => {
    expect(() => planWith(props)).toThrow(reason);
  });

  test("refuses a network without a route out, and clients on one that has one", () => {
    const build = (turn: boolean) =>
      planOf(({ stack, namespace, image, networks: { proxy, backend } }) => {
        const [out, network] = turn ? [backend, proxy] : [proxy, backend];
        new Egress(stack, "Egress", { namespace, image, out, inside: { network, position: 13 }, client: "172.30.20.12", tls: [HOOKS] });
      });
    expect(() => build(false)).not.toThrow();
    expect(() => build(true)).toThrow(/out must be a network with a route out, got backend.*inside must be an internal network, got proxy/s);
  });
});
