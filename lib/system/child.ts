import { type SpawnOptions, spawn } from "node:child_process";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs Node.js to its end; a signal for this process is for that one too. The result is the exit code. */
export function runNode(args: readonly string[], options: SpawnOptions): Promise<number> {
  const child = spawn(process.execPath, [...args], options);
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, forward);
  return new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  }).finally(() => {
    for (const signal of SIGNALS) process.off(signal, forward);
  });
}
