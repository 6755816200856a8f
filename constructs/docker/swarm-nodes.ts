import { Resource } from "@cdktf/provider-null/lib/resource";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import { assetPath } from "../core/asset";
import type { Cluster } from "../core/cluster";

/** A host of the cluster. */
export interface SwarmNode {
  /** Host name, as `docker node ls` shows it. */
  readonly name: string;
  /** Whether services that scale run there. */
  readonly replica: boolean;
  readonly zone: string;
}

export interface SwarmNodesProps {
  /** Socket of the engine that is a manager. */
  readonly endpoint: string;
  readonly nodes: readonly SwarmNode[];
  readonly labels: Cluster["labels"];
}

/** Labels the hosts of a cluster, by which its services are placed. A host that has not joined fails the deploy. */
export class SwarmNodes extends Construct {
  public readonly labelled: Resource;

  constructor(scope: Construct, id: string, { endpoint, nodes, labels }: SwarmNodesProps) {
    super(scope, id);
    const script = new TerraformAsset(this, "Script", { path: assetPath("docker/assets/cluster.sh"), type: AssetType.FILE });
    const lines = nodes.map(({ name, replica, zone }) => `${name} ${replica} ${zone}`).join("\n");
    this.labelled = new Resource(this, "Label", {
      triggers: { nodes: lines, endpoint },
      provisioners: [
        {
          type: "local-exec",
          command: `sh '${script.path}' nodes`,
          environment: { DOCKER_HOST: endpoint, NODES: lines, REPLICA_LABEL: labels.replica, ZONE_LABEL: labels.zone },
        },
      ],
    });
  }
}
