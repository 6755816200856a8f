import type { TerraformResource } from "cdktf";
import type { Construct, IConstruct } from "constructs";
import { Attached } from "./attached";

/** The cluster that the containers of a stack run on: Docker Swarm. */
export interface Cluster {
  /** Number of hosts on which a service that scales runs, one replica on each. */
  readonly replicas: number;
  /** Directory that every host has mounted from the same file server; each shared volume is a directory in it. */
  readonly storage: string;
  /** Names of the node label that marks these hosts, and of the one that says in which zone a host is. */
  readonly labels: { readonly replica: string; readonly zone: string };
  /** What labels the hosts; services that scale wait for it. */
  readonly labelled?: TerraformResource;
}

const CLUSTER = new Attached<Cluster>("cluster");

/** Puts everything below `scope` on `cluster`; called before the first construct is made. */
export function setCluster(scope: Construct, cluster: Cluster): void {
  CLUSTER.set(scope, cluster);
}

/** The cluster that `construct` is on; nothing on a single Docker host. */
export function clusterOf(construct: IConstruct): Cluster | undefined {
  return CLUSTER.around(construct).at(-1);
}
