import { readFileSync, statSync } from "node:fs";
import { ConfigurationError } from "../../../constructs/core/errors";

/** Maximum size in bytes; a larger file was named by mistake. */
const LARGEST = 64 * 1024;

/** What keeps a file from being read, by the code of the operating system. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "is a symbolic link to a file that does not exist; point it to one that does",
  ELOOP: "is a symbolic link to itself; replace it by a file",
  EACCES: "permission denied; run chmod u+r on it",
  EPERM: "permission denied; run chmod u+r on it",
};

/**
 * Reads a text in UTF-8; `shown` is what problems call the file.
 *
 * @throws ConfigurationError when it cannot be read as one.
 */
export function readTextFile(path: string, shown: string): string {
  const bytes = readBytes(path, shown);
  const text = decoded(bytes);
  const utf16 = UTF_16.find(([, isIt]) => isIt(bytes))?.[0];
  if (utf16 !== undefined) throw new ConfigurationError(shown, [`is text in ${utf16}; save the file as UTF-8`]);
  if (text === undefined) throw new ConfigurationError(shown, [`line ${firstBadLine(bytes)}: no text in UTF-8; save the file as UTF-8`]);
  return text;
}

function readBytes(path: string, shown: string): Buffer {
  const found = attempt(() => statSync(path), shown);
  if (!found.isFile()) throw new ConfigurationError(shown, ["is no file; put a file in its place"]);
  if (found.size > LARGEST)
    throw new ConfigurationError(shown, [`has ${found.size} bytes, where an environment has ${LARGEST} or fewer; put an environment in its place`]);
  return attempt(() => readFileSync(path), shown);
}

/** Editors on Windows write a mark, or nothing but ASCII with a zero beside each character. */
const UTF_16: readonly (readonly [name: string, isIt: (bytes: Buffer) => boolean])[] = [
  ["UTF-16, little-endian", (bytes: Buffer) => bytes.length > 1 && (bytes.readUInt16LE(0) === 0xfeff || (bytes[0] !== 0 && bytes[1] === 0))],
  ["UTF-16, big-endian", (bytes: Buffer) => bytes.length > 1 && (bytes.readUInt16BE(0) === 0xfeff || (bytes[0] === 0 && bytes[1] !== 0))],
];

function attempt<T>(access: () => T, shown: string): T {
  try {
    return access();
  } catch (error) {
    const { code = "unknown reason" } = error as NodeJS.ErrnoException;
    throw new ConfigurationError(shown, [REASONS[code] ?? `cannot be read (${code}); look at the file and its directory`]);
  }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function firstBadLine(bytes: Buffer): number {
  const lines = bytes.toString("latin1").split("\n");
  return lines.findIndex((line) => decoded(Buffer.from(line, "latin1")) === undefined) + 1;
}
