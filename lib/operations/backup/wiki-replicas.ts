import { resourceAddress } from "../../../constructs/core/dependencies";
import { RaftSecrets } from "../../../constructs/secrets/raft-secrets";
import { haltReplicas, replicasOf, resumeReplicas } from "../../clients/docker/replicas";
import type { EventListener } from "../../clients/terraform/terraform";
import { containerName } from "../../stack/names";
import { OperatorError } from "../../system/operator-error";
import type { Tools } from "../tools";
import type { Workspace } from "../workspace";

/** The replicas of the wiki on a cluster, while its data are replaced. */
export class WikiReplicas {
  constructor(
    private readonly workspace: Workspace,
    private readonly tools: Tools,
    private readonly listen: EventListener,
  ) {}

  /**
   * Stops all, on every node.
   *
   * @throws OperatorError when one does not stop; the others are started again.
   */
  public async halt(): Promise<void> {
    const { docker } = this.tools;
    const name = containerName(this.workspace.environment.name, "bookstack");
    const replicas = replicasOf(docker, name);
    try {
      await haltReplicas(docker, name);
    } catch (error) {
      if (replicas) resumeReplicas(docker, name, replicas);
      throw error;
    }
  }

  /**
   * Copies the secrets into the Raft log again, because they may have other values now, and starts as many replicas as the environment has.
   *
   * @throws OperatorError when a replica does not become healthy.
   */
  public async resume(): Promise<void> {
    const { stack } = this.workspace;
    const copies = stack.node.findAll().flatMap((construct) => (construct instanceof RaftSecrets ? [resourceAddress(construct.copied)] : []));
    // a host that follows another one has no wiki
    if (stack.wiki === undefined) return;
    const args = [...copies.map((address) => `-replace=${address}`), `-target=${resourceAddress(stack.wiki.service.container)}`];
    const errors: string[] = [];
    const code = await this.tools.terraform.change("apply", args, (event) => {
      const { diagnostic } = event;
      if (diagnostic?.severity === "error") errors.push([diagnostic.summary, diagnostic.detail].filter(Boolean).join(": "));
      this.listen(event);
    });
    const name = containerName(this.workspace.environment.name, "bookstack");
    if (code !== 0) throw new OperatorError(`the replicas of ${name} do not start: ${errors.join("; ")}`, `docker service ps --no-trunc ${name}   # shows why`);
  }
}
