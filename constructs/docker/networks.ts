import { createHash } from "node:crypto";
import { Network } from "@cdktf/provider-docker/lib/network";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { clusterOf } from "../core/cluster";
import { addDependencies } from "../core/dependencies";
import { requireAll } from "../core/errors";
import type { Subnet } from "../core/subnet";
import type { Subnet6 } from "../core/subnet6";
import { LABEL } from "./labels";
import { resourceName } from "./resource-name";

export interface BridgeNetworkProps {
  /** Start of the physical name. */
  readonly namespace: string;
  /** What the network is called in the picture: `proxy`, `backend`, `database`. */
  readonly name: string;
  readonly subnet: Subnet;
  /**
   * IPv6 addresses of its containers, besides those of `subnet`.
   * @default - none
   */
  readonly subnet6?: Subnet6;
  /** Name of the bridge on the Docker host, at most 15 characters: what firewall rules refer to. */
  readonly bridge: string;
  /**
   * Whether containers have a route to other networks and the internet.
   * @default false
   */
  readonly routable?: boolean;
}

/** A network of one Docker host with addresses that never change. Without `routable` nothing leaves it. */
export class BridgeNetwork extends Construct {
  public readonly name: string;
  public readonly subnet: Subnet;
  /** Address of the Docker host on this network. */
  public readonly gateway: string;
  /** Whether containers have a route to other networks. */
  public readonly routable: boolean;
  /** Refers to the network by id, so that a replaced network replaces its containers. */
  public readonly networkId: string;
  private readonly resource: Network;
  private readonly taken = new Map<number, string>([[GATEWAY_POSITION, "the Docker host"]]);

  constructor(scope: Construct, id: string, props: BridgeNetworkProps) {
    super(scope, id);
    const { namespace, name, subnet, subnet6, bridge, routable = false } = props;
    requireAll(this, [[/^[a-z][a-z0-9-]{0,14}$/.test(bridge), `bridge must be at most 15 lower-case letters, digits or "-", got "${bridge}"`]]);
    this.name = name;
    this.subnet = subnet;
    this.gateway = subnet.gateway;
    this.routable = routable;
    const cluster = clusterOf(this);
    this.resource = new Network(this, "Resource", {
      name: resourceName(namespace, name),
      ...(cluster ? { driver: "overlay", attachable: true } : { driver: "bridge", options: { "com.docker.network.bridge.name": bridge } }),
      internal: !routable,
      ipv6: subnet6 !== undefined,
      // both, or newer engines add the gateway and every plan would replace the network
      ipamConfig: [subnet, ...(subnet6 ? [subnet6] : [])].map((range) => ({
        subnet: `${range}`,
        gateway: range.gateway,
        // the managers give out the first free address, which may be a fixed one
        ...(cluster ? { ipRange: `${subnet.upperHalf()}` } : {}),
      })),
      labels: [{ label: LABEL.namespace, value: namespace }],
    });
    this.networkId = this.resource.id;
  }

  /** Creates `resource` after this network: what listens on the gateway is no member of it, and refers to nothing of it. */
  public createFirst(resource: TerraformResource): void {
    addDependencies(resource, [this.resource]);
  }

  /** The fixed address at `position` of the subnet, for `name` alone. */
  public reserve(position: number, name: string): string {
    requireAll(this, [[!this.taken.has(position), `position ${position} of ${this.name} belongs to ${this.taken.get(position)}; give ${name} another`]]);
    this.taken.set(position, name);
    return this.subnet.address(position);
  }
}

/** Position of the Docker host on every network. */
const GATEWAY_POSITION = 1;

export interface WikiNetworks {
  /** Has a route to the internet: services that face the internet, or must connect to it. */
  readonly proxy: BridgeNetwork;
  /** Internal: the edge reaches the applications here. */
  readonly backend: BridgeNetwork;
  /** Internal: the database and the services that may connect to it. */
  readonly database: BridgeNetwork;
}

export interface NetworksProps {
  readonly namespace: string;
  readonly subnets: { readonly [Name in keyof WikiNetworks]: Subnet };
  /**
   * IPv6 addresses of `proxy`, for clients that come by IPv6.
   * @default - none
   */
  readonly proxy6?: Subnet6;
}

/** The three networks: `proxy` is routable, `backend` and `database` are not. */
export class Networks extends Construct implements WikiNetworks {
  public readonly proxy: BridgeNetwork;
  public readonly backend: BridgeNetwork;
  public readonly database: BridgeNetwork;

  constructor(scope: Construct, id: string, props: NetworksProps) {
    super(scope, id);
    requireAll(
      this,
      overlaps(props.subnets).map((problem) => [false, problem] as const),
    );
    this.proxy = this.network("proxy", "px", props, true);
    this.backend = this.network("backend", "be", props);
    this.database = this.network("database", "db", props);
  }

  private network(name: keyof WikiNetworks, suffix: string, props: NetworksProps, routable = false): BridgeNetwork {
    const { namespace, subnets, proxy6 } = props;
    const subnet6 = name === "proxy" ? proxy6 : undefined;
    return new BridgeNetwork(this, name, { namespace, name, subnet: subnets[name], subnet6, bridge: bridgeName(namespace, suffix), routable });
  }
}

/** One sentence for each pair of subnets that share addresses. */
export function overlaps(subnets: Readonly<Record<string, Subnet>>): string[] {
  const named = Object.entries(subnets);
  return named.flatMap(([name, subnet], index) =>
    named
      .slice(index + 1)
      .filter(([, other]) => subnet.overlaps(other))
      .map(([otherName, other]) => `${name} ${subnet} overlaps ${otherName} ${other}; give each network a separate range`),
  );
}

const BRIDGE_PREFIX = "bs-";
const MAX_BRIDGE_NAME = 15;

/** `bs-<namespace>-<suffix>` within the 15 characters that Linux allows; a longer namespace keeps its start and a checksum. */
export function bridgeName(namespace: string, suffix: string): string {
  const room = MAX_BRIDGE_NAME - BRIDGE_PREFIX.length - suffix.length - 1;
  const short = namespace.length <= room ? namespace : `${namespace.slice(0, room - 4)}${checksum(namespace)}`;
  return `${BRIDGE_PREFIX}${short}-${suffix}`;
}

/** Four characters that tell apart namespaces with the same start. */
function checksum(text: string): string {
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return (Number.parseInt(digest, 16) % 36 ** 4).toString(36).padStart(4, "0");
}
