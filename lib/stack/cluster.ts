import type { TerraformStack } from "cdktf";
import { setCluster } from "../../constructs/core/cluster";
import { SwarmNodes } from "../../constructs/docker/swarm-nodes";
import { nullProvider } from "../../constructs/host/null-provider";
import type { Environment } from "../environment/schema";

/** Puts the stack on its cluster, and gives what its secret store needs of the manager; nothing on a single Docker host. */
export function joinCluster(stack: TerraformStack, { name, cluster, docker, secrets }: Environment): { endpoint: string; version: number } | undefined {
  if (cluster === undefined) return undefined;
  nullProvider(stack);
  const labels = { replica: `secure-bookstack.${name}.replica`, zone: `secure-bookstack.${name}.zone` };
  const nodes = cluster.nodes.map((node) => ({ name: node.name, replica: node.roles.includes("wiki"), zone: node.zone ?? node.name }));
  const { labelled } = new SwarmNodes(stack, "Nodes", { endpoint: docker.host, nodes, labels });
  setCluster(stack, { replicas: nodes.filter(({ replica }) => replica).length, storage: cluster.storage, labels, labelled });
  return { endpoint: docker.host, version: secrets.version };
}
