import { spawn } from "node:child_process";
import { OperatorError } from "../../system/operator-error";
import { exitCode, type Invocation, runConnected } from "../../system/pipeline";

/**
 * Sends what one `docker` command writes to another one, through this machine and past its disk.
 *
 * @throws OperatorError when either fails; `accepted` are further exit codes of the sender that are no failure.
 */
export async function transfer(what: string, from: Invocation, to: Invocation, accepted: readonly number[] = []): Promise<void> {
  const [sent = 127, received = 127] = await runConnected([from, to], "ignore");
  if (received === 0 && (sent === 0 || accepted.includes(sent))) return;
  const side = received === 0 ? `could not be read (exit code ${sent})` : `could not be written (exit code ${received})`;
  throw new OperatorError(`${what} ${side}; the cause is above`, "fix the cause, then move again");
}

/** What a `docker` command prints, while others run. @throws OperatorError when it fails. */
export async function printed(what: string, { argv: [program = "", ...args], variables }: Invocation): Promise<string> {
  const child = spawn(program, args, { env: variables, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const code = await exitCode(child);
  if (code === 0) return text;
  throw new OperatorError(`${what} failed with exit code ${code}; the cause is above`, "fix the cause, then move again");
}
