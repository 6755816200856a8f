import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";

/** Writes a file for this account alone, whole or not at all: a process that is killed meanwhile leaves the previous one. */
export function writeWhole(path: string, text: string): void {
  const partial = `${path}.${process.pid}.partial`;
  const file = openSync(partial, "w", 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
}
