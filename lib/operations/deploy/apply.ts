import { resourceAddress } from "../../../constructs/core/dependencies";
import { ConfigVolume } from "../../../constructs/docker/config-volume";
import { rerunFailedJobs, type State } from "../../clients/terraform/state";
import { CHANGES, collecting, type EventListener, type Terraform } from "../../clients/terraform/terraform";
import type { WikiStack } from "../../stack/wiki-stack";
import type { Tools } from "../tools";
import type { Workspace } from "../workspace";
import { refuseLostNetworks } from "./lost-networks";
import { WikiUpdate } from "./wiki-update";

/**
 * Applies what differs. A plan tells which steps have something to do: each step that is left out saves a refresh of every resource.
 *
 * `beforeData` is called before anything may change data: while the wiki is stopped, if its database is migrated, and again before the
 * services are replaced. After a failure the wiki stays stopped then, for the caller to put everything back.
 */
export async function apply(workspace: Workspace, tools: Tools, state: State, listen: EventListener, beforeData?: () => Promise<void>): Promise<number> {
  const { terraform } = tools;
  const first = state.resources.length === 0;
  const changes = first ? undefined : await changesOf(terraform, rerunFailedJobs(state), listen);
  if (typeof changes === "number") return changes;
  if (changes !== undefined) refuseLostNetworks(changes, state, tools.docker);
  const files = filesOf(workspace.stack);
  const planned = (address: string) => changes?.has(address) ?? true;
  const delivered =
    first || !files.some(planned)
      ? 0
      : await terraform.change(
          "apply",
          files.map((address) => `-target=${address}`),
          listen,
        );
  if (delivered !== 0) return delivered;
  const { wiki } = workspace.stack;
  const migrated = wiki && planned(resourceAddress(wiki.setup.container)) ? await new WikiUpdate(workspace, tools, listen, beforeData).run(state) : 0;
  if (migrated !== 0) return migrated;
  await beforeData?.();
  return terraform.change("apply", rerunFailedJobs(terraform.state()), listen);
}

/** What a plan would change: address → action; an exit code when it would change nothing, or cannot be made. */
async function changesOf(terraform: Terraform, args: readonly string[], listen: EventListener): Promise<ReadonlyMap<string, string> | number> {
  const changes = new Map<string, string>();
  const code = await terraform.planned(collecting(changes, listen), args);
  return code === CHANGES ? changes : code;
}

/** Addresses of images and files: they are delivered first, so that a failed delivery stops no service. */
export function filesOf(stack: WikiStack): string[] {
  return stack.node.findAll().flatMap((construct) => (construct instanceof ConfigVolume ? construct.addresses() : []));
}
