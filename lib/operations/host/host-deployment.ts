import { hostname } from "node:os";
import { Docker } from "../../clients/docker/docker";
import type { State } from "../../clients/terraform/state";
import type { EventListener, Terraform } from "../../clients/terraform/terraform";
import { OperatorError } from "../../system/operator-error";
import { requireProvidedSecrets } from "../secrets/secret-store";
import { machineOf } from "../summary";
import type { Workspace } from "../workspace";
import { hostChecks } from "./checks";

/** The operator's consent to change the host. */
export interface Agreement {
  /** Whether `--yes` was given. */
  readonly yes: boolean;
  /** The same command with `--yes`, for messages. */
  readonly withYes: string;
  /** Asks a question that is answered with yes or no. */
  readonly ask: (question: string) => Promise<boolean>;
}

/**
 * Makes the host what the containers need, before Docker is asked for anything: on a new host there is none yet.
 *
 * Terraform detects changes of the plan, not manual changes on the host; parts with drift are found first, and applied again.
 */
export async function deployHost(workspace: Workspace, terraform: Terraform, listen: EventListener, agreement: Agreement): Promise<number> {
  const { stack, environment } = workspace;
  const { host } = stack;
  if (host === undefined) return 0;
  requireProvidedSecrets(stack, environment);
  requireSameMachine(environment);
  const known = addresses(terraform.state());
  const names = host.names();
  const machine = machineOf(host.connection);
  process.stdout.write(`Host ${machine === "this machine" ? `${hostname()} (this machine)` : machine}: ${names.length} parts are checked and applied …\n`);
  if (!names.some((name) => known.has(host.address(name)))) await agree(machine, names, agreement);
  const drifted = names.some((name) => known.has(host.address(name))) ? hostChecks(workspace).filter(({ ok }) => !ok) : [];
  for (const { name, differences } of drifted) {
    for (const difference of differences) process.stdout.write(`  host, ${name}: ${difference}\n`);
  }
  const again = drifted.map(({ name }) => host.address(name)).filter((address) => known.has(address));
  const args = [...names.map((name) => `-target=${host.address(name)}`), ...again.map((address) => `-replace=${address}`)];
  return terraform.change("apply", args, listen);
}

/** Asks once, before a host is changed for the first time. */
async function agree(machine: string, parts: readonly string[], { yes, withYes, ask }: Agreement): Promise<void> {
  if (yes) return;
  process.stdout.write(`It has not been hardened from this state yet. Changed are its ${parts.join(", ")}; docs/host.md says how to undo it.\n`);
  if (!(await ask(`Harden ${machine === "this machine" ? `${hostname()}, this machine` : machine}?`))) {
    throw new OperatorError("canceled; the host was not changed, and nothing was deployed", `${withYes}   # does not ask`);
  }
}

/**
 * Checks that a socket of this machine belongs to an engine of this machine, if one answers already.
 *
 * @throws OperatorError when another machine answers.
 */
function requireSameMachine({ docker, host }: Workspace["environment"]): void {
  if (host?.ssh !== undefined) return;
  const engine = new Docker(docker).machine();
  if (engine === undefined || engine === hostname()) return;
  throw new OperatorError(
    `${docker.host} connects to an engine on ${engine}, but ${hostname()} would be hardened; nothing was changed`,
    `name ${engine} in docker.host and in host.ssh`,
  );
}

function addresses({ resources }: State): ReadonlySet<string> {
  return new Set(resources.map(({ type, name }) => `${type}.${name}`));
}
