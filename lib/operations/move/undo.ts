import type { Docker } from "../../clients/docker/docker";
import type { Terraform } from "../../clients/terraform/terraform";
import { secondsSince } from "../../system/elapsed";
import { OperatorError } from "../../system/operator-error";
import { Wiki } from "../upgrade/wiki";
import type { Workspace } from "../workspace";
import { removeContainers, removeNetworksAndVolumes } from "./clear";
import { startServices } from "./old-place";
import { keptState, type MoveJournal } from "./record";
import { successor } from "./state";
import { VolumeTransfer } from "./volumes";

export interface UndoProps {
  /** The environment on its old Docker host. */
  readonly workspace: Workspace;
  readonly terraform: Terraform;
  readonly from: Docker;
  /** The new Docker host. @default - it is off for good, as the user says */
  readonly to?: Docker;
  readonly journal: MoveJournal;
  readonly say: (line: string) => void;
}

/**
 * Lets the old Docker host serve again, and removes everything from the new one. It can be interrupted and repeated at any step.
 *
 * @throws OperatorError when it does not succeed; the record then says so to the next command.
 */
export async function undoMove({ workspace, terraform, from, to, journal, say }: UndoProps, reason: string, stopped?: number): Promise<void> {
  const { environment, stack } = workspace;
  const { name } = environment;
  const { record } = journal;
  journal.step("going back", { process: process.pid, result: [...record.result, reason] });
  // it fails while a Terraform that was left behind still works on the new Docker host
  if (record.stateMoved) terraform.pushState(successor(keptState(name), terraform.state()));
  if (to !== undefined) {
    requireAnswer(name, to, record.to.host);
    say("Removes what was created on the new Docker host …");
    // the old wiki may start only when the new one cannot write any more
    removeContainers(to, name);
  }
  const copy = new VolumeTransfer({ from, to: to ?? from, environment: name, image: "", volumes: [] });
  copy.endLeftovers([from]);
  say("Starts the wiki on the old Docker host …");
  await startServices(from, record.services);
  const result = new Wiki(from, environment, stack.urls).smokeTest();
  const down = stopped === undefined ? {} : { downSeconds: secondsSince(stopped) };
  if (to !== undefined) removeNetworksAndVolumes(to, name);
  journal.step("back", { ...down, stateMoved: false, result: [...journal.record.result, ...result] });
}

function requireAnswer(name: string, to: Docker, host: string): void {
  try {
    to.require();
  } catch (error) {
    throw new OperatorError(
      `the new Docker host ${host} does not answer, and the wiki may run there; the old one was not started: ${(error as Error).message}`,
      [`npm run move -- ${name} --recover   # when it answers again`, `npm run move -- ${name} --recover --target-is-off   # if it is off and stays off`].join(
        "\n",
      ),
    );
  }
}
