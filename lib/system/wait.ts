import { setTimeout as pause } from "node:timers/promises";
import type { OperatorError } from "./operator-error";

/**
 * Asks once a second until `done`.
 *
 * @throws `problem` after `seconds`.
 */
export async function waitFor(done: () => boolean, seconds: number, problem: OperatorError): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!done()) {
    if (Date.now() > deadline) throw problem;
    await pause(1000);
  }
}
