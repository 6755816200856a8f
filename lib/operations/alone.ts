import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { exclusively } from "../system/exclusive.js";
import { OperatorError } from "../system/operator-error";
import { isRunning } from "../system/process";
import { besideState } from "./root";

/** What an environment may be called; with any other name the command is refused later, with a better message. */
const NAME = /^[a-z][a-z0-9-]{0,30}$/;
/** Seconds that another command may take to look into the file. */
const WAIT_SECONDS = 10;

/**
 * Runs a command that changes an environment, while no other one of this machine does: a deploy in the middle of a rotation would
 * distribute half of it. A file beside the state names who works; that of a killed command is taken over.
 *
 * @throws OperatorError when another one works.
 */
export async function alone<T>(environment: string, command: string, action: () => Promise<T> | T): Promise<T> {
  if (!NAME.test(environment)) return action();
  const file = besideState(environment, "command");
  exclusively(`${file}.taking`, () => take(file, environment, command), { seconds: WAIT_SECONDS });
  try {
    return await action();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string, environment: string, command: string): void {
  const [id = "", other = "", began] = holder(file);
  if (Number(id) > 0 && Number(id) !== process.pid && isRunning(Number(id)) && isSame(began, beginOf(id))) {
    throw new OperatorError(
      `${other} of ${environment} is running, in process ${id} of this machine`,
      `wait until it ends; if process ${id} is another program, delete ${file}`,
    );
  }
  const descriptor = openSync(file, "w", 0o600);
  writeFileSync(descriptor, `${[process.pid, command, beginOf(process.pid) ?? []].flat().join(" ")}\n`);
  closeSync(descriptor);
}

/** When a process began, in ticks of this machine: its id can belong to another program later. Only Linux tells it there. */
function beginOf(id: number | string): string | undefined {
  try {
    // the name of the program is in parentheses and may have spaces; the fields after it begin with the third
    const [state, ...fields] = readFileSync(`/proc/${id}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return state === "Z" ? "ended" : fields[18];
  } catch {
    return undefined;
  }
}

/** Whether a process is the one that wrote when it began; without that it is taken for it, unless it has ended. */
function isSame(written: string | undefined, now: string | undefined): boolean {
  return now !== "ended" && (written === undefined || now === undefined || written === now);
}

function holder(file: string): string[] {
  try {
    return readFileSync(file, "utf8").trim().split(" ");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
