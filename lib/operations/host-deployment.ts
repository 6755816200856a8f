import { hostChecks } from "../host/checks";
import type { Progress } from "../report/progress";
import type { State } from "../terraform/state";
import type { Terraform } from "../terraform/terraform";
import { requireProvidedSecrets } from "./secret-store";
import type { Workspace } from "./workspace";

/**
 * Makes the host what the containers need, before Docker is asked for anything: on a new host there is none yet.
 *
 * Terraform sees a change of the plan, not one that somebody made on the host; those parts are asked first, and applied again.
 */
export async function deployHost(workspace: Workspace, terraform: Terraform, progress: Progress): Promise<number> {
  const { stack, environment } = workspace;
  const { host } = stack;
  if (host === undefined) return 0;
  requireProvidedSecrets(stack, environment);
  const known = addresses(terraform.state());
  const names = host.names();
  const drifted = names.some((name) => known.has(host.address(name))) ? hostChecks(workspace).filter(({ ok }) => !ok) : [];
  for (const { name, differences } of drifted) {
    for (const difference of differences) process.stdout.write(`  host, ${name}: ${difference}\n`);
  }
  const again = drifted.map(({ name }) => host.address(name)).filter((address) => known.has(address));
  const args = [...names.map((name) => `-target=${host.address(name)}`), ...again.map((address) => `-replace=${address}`)];
  return terraform.change("apply", args, (event) => progress.listen(event));
}

function addresses({ resources }: State): ReadonlySet<string> {
  return new Set(resources.map(({ type, name }) => `${type}.${name}`));
}
