import { refuseInterruptedMove } from "./move/record";
import { refuseUnfinished } from "./upgrade/record";

/**
 * Called by every command that changes an environment, before it changes anything.
 *
 * @throws OperatorError when an upgrade or a move runs or was interrupted, with the command that finishes it.
 */
export function refuseInterrupted(environment: string): void {
  refuseInterruptedMove(environment);
  refuseUnfinished(environment);
}
