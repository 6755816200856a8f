import { type SpawnSyncOptions, type SpawnSyncReturns, spawnSync } from "node:child_process";

/** Waits for a promise, at most `seconds`; the error says what it waited for. */
export async function within<T>(seconds: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${seconds} s: ${what}`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export interface SyncOptions extends Omit<SpawnSyncOptions, "encoding" | "timeout"> {
  /** Time after which the program is killed. @default 300 */
  readonly seconds?: number;
}

/** Runs a program to its end, and kills it after a time; the error says which program it was. */
export function runSync(program: string, args: readonly string[], { seconds = 300, ...options }: SyncOptions = {}): SpawnSyncReturns<string> {
  const ended = spawnSync(program, args, { maxBuffer: 256 * 2 ** 20, ...options, encoding: "utf8", timeout: seconds * 1000, killSignal: "SIGKILL" });
  if ((ended.error as NodeJS.ErrnoException | undefined)?.code !== "ETIMEDOUT") return ended;
  throw new Error(`not within ${seconds} s: the end of ${lineOf(program, args)}`);
}

/** The first words of a command line, which are enough to recognize it. */
export function lineOf(program: string, args: readonly string[]): string {
  const words = [program, ...args].join(" ").replaceAll(/\s+/g, " ");
  return words.length > 160 ? `${words.slice(0, 160)} …` : words;
}
