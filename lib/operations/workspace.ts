import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { App } from "cdktf";
import { loadEnvironment } from "../environment/load";
import type { Environment } from "../environment/schema";
import { buildApplication } from "../stack/application";
import type { WikiStack } from "../stack/wiki-stack";
import { exclusively } from "../system/exclusive.js";
import { OperatorError } from "../system/operator-error";
import { ROOT } from "./root";
import { withRecordedRole } from "./standby/roles";

export { ROOT } from "./root";
export const OUTPUT = "cdktf.out";
/** Terraform's file in the directory of a stack. */
export const STACK_FILE = "cdk.tf.json";
/** Seconds that another command may take to write its stack. */
const WAIT_SECONDS = 60;

/** An environment that was checked, written, and can be handed to Terraform. */
export interface Workspace {
  readonly environment: Environment;
  readonly stack: WikiStack;
  /** Directory with the stack's Terraform JSON. */
  readonly directory: string;
}

/** Which environment, and where its file is. */
export interface EnvironmentFile {
  /** Name of the environment. */
  readonly environment: string;
  /** @default - `environments/` of the repository */
  readonly directory: string | undefined;
}

/**
 * Checks the environment that the arguments name and writes its stack below `cdktf.out`; other stacks there are left alone.
 *
 * @throws ConfigurationError with every problem, before anything is written.
 */
export function synthesize(
  { environment: name, directory: source }: EnvironmentFile,
  change: (environment: Environment) => Environment = (same) => same,
): Workspace {
  const environment = change(withRecordedRole(loadEnvironment(name, source), source));
  const { app, stacks } = whereWritable(() => buildApplication([environment], { outdir: join(ROOT, OUTPUT) }));
  const [stack] = stacks;
  if (!stack) throw new Error(`no stack was built for ${name}`);
  whereWritable(() => write(app));
  return { environment, stack, directory: stackDirectory(name) };
}

/** Directory with the Terraform JSON of an environment, which may not have been written yet. */
export function stackDirectory(environment: string): string {
  return join(ROOT, OUTPUT, "stacks", environment);
}

/** Writes the stacks; of two commands at the same time one waits. */
function write(app: App): void {
  const output = join(ROOT, OUTPUT);
  mkdirSync(output, { recursive: true });
  exclusively(join(output, ".writing"), () => app.synth(), { seconds: WAIT_SECONDS });
}

/**
 * Runs `action`, which writes below the output directory.
 *
 * @throws OperatorError when the directory cannot be written.
 */
function whereWritable<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    const output = join(ROOT, OUTPUT);
    if (code === "ETIMEDOUT") throw new OperatorError(`another command has been writing ${output} for ${WAIT_SECONDS} s`, "end it, then run the command again");
    if (!path?.startsWith(output) || !["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT"].includes(code ?? "")) throw error;
    throw new OperatorError(`${output} cannot be written (${code})`, "run the command in a copy of the repository that you may write");
  }
}
