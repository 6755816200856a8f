import { resourceAddress } from "../../../constructs/core/dependencies";
import { RaftSecrets } from "../../../constructs/secrets/raft-secrets";
import { haltReplicas } from "../../clients/docker/replicas";
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
  public halt(): Promise<void> {
    return haltReplicas(this.tools.docker, this.service);
  }

  /**
   * Copies the secrets into the Raft log again, because they may have other values now, and starts as many replicas as the environment has.
   *
   * @throws OperatorError when a replica does not become healthy.
   */
  public async resume(): Promise<void> {
    const { stack } = this.workspace;
    // a host that follows another one has no wiki
    if (stack.wiki === undefined) return;
    const copies = stack.node.findAll().flatMap((construct) => (construct instanceof RaftSecrets ? [resourceAddress(construct.copied)] : []));
    const args = [...copies.map((address) => `-replace=${address}`), `-target=${resourceAddress(stack.wiki.service.container)}`];
    const errors: string[] = [];
    const code = await this.tools.terraform.change("apply", args, (event) => {
      const { diagnostic } = event;
      if (diagnostic?.severity === "error") errors.push([diagnostic.summary, diagnostic.detail].filter(Boolean).join(": "));
      this.listen(event);
    });
    if (code === 0) return;
    throw new OperatorError(`the replicas of ${this.service} do not start: ${errors.join("; ")}`, `docker service ps --no-trunc ${this.service}   # shows why`);
  }

  private get service(): string {
    return containerName(this.workspace.environment.name, "bookstack");
  }
}
