import { readFileSync } from "node:fs";

/** Why a file of this machine cannot be used, and what to do about it. */
export interface FileProblem {
  /** Goes on after the path: "does not exist". */
  readonly problem: string;
  readonly remedy: string;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist on this machine",
  ENOTDIR: "does not exist on this machine",
  EISDIR: "is a directory",
  EACCES: "cannot be read: permission denied",
  EPERM: "cannot be read: permission denied",
};

/** The text of a file, or why there is none. */
export function readOrReason(path: string): { readonly text: string; readonly reason?: undefined } | { readonly reason: string } {
  try {
    return { text: readFileSync(path, "utf8") };
  } catch (error) {
    const { code = "unknown reason" } = error as NodeJS.ErrnoException;
    return { reason: REASONS[code] ?? `cannot be read (${code})` };
  }
}
