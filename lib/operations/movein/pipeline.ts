import { type ChildProcess, spawn } from "node:child_process";
import { OperatorError } from "../../system/operator-error";

/** What an import reads: a dump, or uploads. */
export interface Readable {
  /** The option that names it. */
  readonly option: string;
  readonly path: string;
  /** Why it cannot be read; nothing when it can. */
  problems(): OperatorError[];
  /** Size in bytes as it is stored; nothing when it is not known. */
  bytes(): number | undefined;
  /** Sends it, decompressed, to the program that `argv` starts; a directory is sent as a tar archive. @throws OperatorError when either fails. */
  send(argv: readonly string[], variables: NodeJS.ProcessEnv): Promise<void>;
}

/** Runs programs, each of which reads what the one before writes; the last one gets `variables`. @throws OperatorError when one fails. */
export async function pipe(programs: readonly (readonly string[])[], variables: NodeJS.ProcessEnv, { option, path }: Readable): Promise<void> {
  const processes: ChildProcess[] = [];
  for (const [index, [program = "", ...args]] of programs.entries()) {
    const stdin = processes.at(-1)?.stdout ?? "ignore";
    const last = index === programs.length - 1;
    processes.push(spawn(program, args, { env: last ? variables : process.env, stdio: [stdin, last ? "inherit" : "pipe", "inherit"] }));
    // the next program has its own copy, and must be the only reader, or a failure of it never ends the one before
    if (stdin !== "ignore") stdin.destroy();
  }
  const codes = await Promise.all(processes.map((child) => ended(child)));
  if (codes.some((code) => code !== 0)) {
    throw new OperatorError(`${option} ${path} could not be read or loaded; the cause is above`, "fix the cause, then import again");
  }
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
