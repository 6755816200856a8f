import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const directories = new Set<string>();

/** Makes a directory for this account alone. It is removed when the process ends, also by a signal. */
export function temporaryDirectory(): string {
  if (directories.size === 0) removeAtTheEnd();
  const directory = mkdtempSync(join(tmpdir(), "secure-bookstack-"));
  directories.add(directory);
  return directory;
}

/** Gives a directory to `action`, and removes it afterwards. */
export function withTemporaryDirectory<T>(action: (directory: string) => T): T {
  const directory = temporaryDirectory();
  try {
    return action(directory);
  } finally {
    remove(directory);
  }
}

function removeAtTheEnd(): void {
  process.once("exit", removeAll);
  for (const signal of SIGNALS) process.on(signal, () => end(signal));
}

/** Ends the process as the signal does, unless another handler decides what becomes of it. */
function end(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function removeAll(): void {
  for (const directory of directories) remove(directory);
}

function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  directories.delete(directory);
}
