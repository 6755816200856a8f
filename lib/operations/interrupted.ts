import { refuseHalfRestored } from "./backup/restore-record";
import { refuseInterruptedMove } from "./move/record";
import { refuseInterruptedFailover } from "./standby/roles";
import { refuseUnfinished } from "./upgrade/record";

/**
 * Called by every command that changes an environment, before it changes anything.
 *
 * @throws OperatorError when an upgrade, a move, a restore or an import was interrupted, with the command that finishes it.
 */
export function refuseInterrupted(environment: string): void {
  refuseInterruptedForData(environment);
  refuseHalfRestored(environment);
}

/** The same for commands that replace all data, and undo what an interrupted one left. */
export function refuseInterruptedForData(environment: string): void {
  refuseInterruptedFailover(environment);
  refuseOthers(environment);
}

/** The same for a failover, which finishes itself. */
export function refuseInterruptedForFailover(environment: string): void {
  refuseOthers(environment);
  refuseHalfRestored(environment);
}

function refuseOthers(environment: string): void {
  refuseInterruptedMove(environment);
  refuseUnfinished(environment);
}

/** An upgrade and a restore that were interrupted, with the commands that finish them; nothing when everything ended. */
export function interruptions(environment: string): string[] {
  return [refuseUnfinished, refuseHalfRestored].flatMap((refuse) => {
    try {
      refuse(environment);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
}
