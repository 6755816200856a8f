import { type ChildProcess, spawn } from "node:child_process";

/** A program with its arguments and its environment. */
export interface Invocation {
  readonly argv: readonly string[];
  readonly variables: NodeJS.ProcessEnv;
}

/** Runs programs, each of which reads what the one before writes. The result is the exit code of each: 127 when it cannot be started. */
export function runConnected(programs: readonly Invocation[], lastOutput: "inherit" | "ignore"): Promise<number[]> {
  const children: ChildProcess[] = [];
  for (const [index, { argv, variables }] of programs.entries()) {
    const [program = "", ...args] = argv;
    const stdin = children.at(-1)?.stdout ?? "ignore";
    const stdout = index === programs.length - 1 ? lastOutput : "pipe";
    children.push(spawn(program, args, { env: variables, stdio: [stdin, stdout, "inherit"] }));
    // the next program has its own copy, and must be the only reader, or a failure of it never ends the one before
    if (stdin !== "ignore") stdin.destroy();
  }
  return Promise.all(children.map((child) => exitCode(child)));
}

/** Exit code of a process, once it has ended and its output was read: 127 when it cannot be started. */
export function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.on("error", (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve(127);
    });
    child.on("close", (code) => resolve(code ?? 1));
  });
}
