import { execFile } from "node:child_process";
import { lineOf } from "../support/bounded";

/** How a program ended. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program while the people of the test go on asking: a synchronous call would stop their clocks. */
export function run(program: string, args: readonly string[], { seconds = 120 }: { seconds?: number } = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, args, { encoding: "utf8", timeout: seconds * 1000, killSignal: "SIGKILL", maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      const late = error?.killed === true ? `not within ${seconds} s: the end of ${lineOf(program, args)}\n` : "";
      resolve({ status: error === null ? 0 : typeof error.code === "number" ? error.code : 1, stdout, stderr: `${late}${stderr}` });
    });
  });
}

/** What a program prints; it has to succeed. */
export async function output(program: string, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(program, args);
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: exit code ${status}\n${stderr}`);
  return stdout.trim();
}
