import type { ContainerNetworksAdvanced } from "@cdktf/provider-docker/lib/container";
import { Lazy } from "cdktf";
import type { BridgeNetwork } from "./networks";

/** A place on a network. */
export interface Attachment {
  readonly network: BridgeNetwork;
  /**
   * Position of a fixed address within the subnet, counted from the network address.
   * @default - Docker chooses an address at each start
   */
  readonly position?: number;
  /**
   * Names under which the others of this network find the container; a function is asked once all constructs are connected.
   * @default - the name of the service alone
   */
  readonly aliases?: readonly string[] | (() => readonly string[]);
}

/**
 * The blocks by which the provider attaches the container `name`; by id, so that a replaced network replaces its containers.
 *
 * `names` are its host names, besides the aliases of the attachment: none for a container that serves nothing.
 */
export function networkBlocks(attachments: readonly Attachment[], name: string, names: readonly string[] = [name]): ContainerNetworksAdvanced[] {
  return attachments.map(({ network, position, aliases = [] }) => ({
    name: network.networkId,
    aliases: typeof aliases === "function" ? Lazy.listValue({ produce: () => [...names, ...aliases()] }) : [...names, ...aliases],
    ipv4Address: position === undefined ? undefined : network.reserve(position, name),
  }));
}

/**
 * DNS servers for a container: those of the Docker host, or a place where none answers when it has no route out. Older engines would ask the
 * host's on its behalf, and a question to DNS can carry data. Names of other containers are answered by the engine itself.
 */
export function dnsServers(attachments: readonly Attachment[]): string[] | undefined {
  return attachments.some(({ network }) => network.routable) ? undefined : ["127.0.0.1"];
}
