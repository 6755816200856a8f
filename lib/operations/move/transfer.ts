import { type ChildProcess, spawn } from "node:child_process";
import type { Docker } from "../../clients/docker/docker";
import { OperatorError } from "../../system/operator-error";

type Invocation = ReturnType<Docker["invocation"]>;

/**
 * Sends what one `docker` command writes to another one, through this machine and past its disk.
 *
 * @throws OperatorError when either fails; `accepted` are further exit codes of the sender that are no failure.
 */
export async function transfer(what: string, from: Invocation, to: Invocation, accepted: readonly number[] = []): Promise<void> {
  const sender = start(from, "ignore", "pipe");
  const receiver = start(to, sender.stdout ?? "ignore", "ignore");
  // the receiver has its own copy, and must be the only reader, or a failure of it never ends the sender
  sender.stdout?.destroy();
  const [sent, received] = await Promise.all([ended(sender), ended(receiver)]);
  if (received === 0 && (sent === 0 || accepted.includes(sent))) return;
  const side = received === 0 ? `could not be read (exit code ${sent})` : `could not be written (exit code ${received})`;
  throw new OperatorError(`${what} ${side}; the cause is above`, "fix the cause, then move again");
}

/** What a `docker` command prints, while others run. @throws OperatorError when it fails. */
export async function printed(what: string, invocation: Invocation): Promise<string> {
  const child = start(invocation, "ignore", "pipe");
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const code = await ended(child);
  if (code === 0) return text;
  throw new OperatorError(`${what} failed with exit code ${code}; the cause is above`, "fix the cause, then move again");
}

function start({ argv: [program = "", ...args], variables }: Invocation, stdin: "ignore" | NodeJS.ReadableStream, stdout: "ignore" | "pipe"): ChildProcess {
  // biome-ignore lint/suspicious/noExplicitAny: the types of Node.js want its own streams here
  return spawn(program, args, { env: variables, stdio: [stdin as any, stdout, "inherit"] });
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.on("error", (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve(127);
    });
    child.on("close", (code) => resolve(code ?? 1));
  });
}
