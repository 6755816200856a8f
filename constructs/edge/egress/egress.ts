import { Construct } from "constructs";
import { ConfigFile } from "../../core/config-file";
import type { Endpoint } from "../../core/endpoint";
import { type Rule, requireAll } from "../../core/errors";
import { isLoopback } from "../../core/hostnames";
import type { Attachment } from "../../docker/attachment";
import type { ContainerDescription, Zone } from "../../docker/description";
import type { ContainerImage } from "../../docker/image";
import type { BridgeNetwork } from "../../docker/networks";
import { Service } from "../../docker/service";
import { CONFIG_DIRECTORY, type Forwarding, PROBE_PORT, renderForwards, renderStatic } from "./egress-config";

export interface EgressProps {
  readonly namespace: string;
  /** Traefik, as the edge runs it. */
  readonly image: ContainerImage;
  /** Network with a route out. */
  readonly out: BridgeNetwork;
  /** Internal network of the client, with the position of the egress's own address there. */
  readonly inside: Required<Pick<Attachment, "network" | "position">>;
  /** Address of the one container that may use the egress; or the range of a network, whose containers all may. */
  readonly client: string;
  /** Name of the container. @default "egress" */
  readonly name?: string;
  /** @default "to named mail and webhook servers only" */
  readonly purpose?: ContainerDescription["purpose"];
  /** Servers of a protocol that does not begin with TLS, such as SMTP with STARTTLS. @default - none */
  readonly tcp?: readonly Endpoint[];
  /** Servers that use TLS from the first byte. @default - none */
  readonly tls?: readonly Endpoint[];
}

const PURPOSE: ContainerDescription["purpose"] = ["to named mail and", "webhook servers only"];
/** Any user other than root; the image has none. */
const USER = "65532:65532";

/**
 * Forwards connections of one container, or of all, on an internal network to named servers outside, at named ports, and to nothing else.
 *
 * It never decrypts: the client verifies each certificate against the server's own name. It has no secret, writes nothing and publishes no port.
 * It refuses two servers at one port unless both use TLS from the first byte.
 */
export class Egress extends Construct {
  public readonly service: Service;
  /** Name of each server → address of the egress: for the client, in place of DNS. */
  public readonly hosts: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: EgressProps) {
    super(scope, id);
    const { namespace, image, out, inside, client, name = "egress", purpose = PURPOSE, tcp = [], tls = [] } = props;
    requireAll(this, [
      [out.routable, `out must be a network with a route out, got ${out.name}`],
      [!inside.network.routable, `inside must be an internal network, got ${inside.network.name}`],
      ...endpointRules(tcp, tls),
    ]);
    const address = inside.network.subnet.address(inside.position);
    const forwarding: Forwarding = { address, client, tcp, tls };
    this.service = new Service(this, "Service", {
      namespace,
      name,
      description: { purpose, zones: ["proxy", inside.network.name as Zone], listens: portsOf([...tcp, ...tls]) },
      image,
      user: USER,
      memoryMiB: 128,
      cpus: 0.5,
      networks: [{ network: out }, inside],
      entrypoint: ["traefik"],
      command: [`--configFile=${CONFIG_DIRECTORY}/traefik.yml`],
      config: {
        directory: CONFIG_DIRECTORY,
        files: [ConfigFile.yaml("traefik.yml", () => renderStatic(forwarding)), ConfigFile.yaml("dynamic/forwards.yml", () => renderForwards(forwarding))],
      },
      healthCheck: { command: ["wget", "-q", "-O", "/dev/null", `http://127.0.0.1:${PROBE_PORT}/ping`] },
      stopGraceSeconds: 20,
    });
    this.hosts = Object.fromEntries([...tcp, ...tls].map(({ host }) => [host, address]));
  }
}

const portsOf = (endpoints: readonly Endpoint[]) => [...new Set(endpoints.map(({ port }) => port))];

function endpointRules(tcp: readonly Endpoint[], tls: readonly Endpoint[]): Rule[] {
  const all = [...tcp, ...tls];
  const shared = tcp.filter((endpoint) => all.some((other) => other !== endpoint && other.port === endpoint.port));
  const twice = all.filter((endpoint, index) => all.findIndex((other) => `${other}` === `${endpoint}`) !== index);
  return [
    [all.length > 0, "has no server; add one in tcp or tls"],
    ...all.map(({ host }): Rule => [!isLoopback(host), `"${host}" is the egress itself; name the server as others know it`]),
    ...shared.map(
      (endpoint): Rule => [
        false,
        `${endpoint} needs its port alone, because its protocol does not begin with a TLS handshake that names the server; use another port for one of them`,
      ],
    ),
    ...twice.map((endpoint): Rule => [false, `${endpoint} is named twice`]),
  ];
}
