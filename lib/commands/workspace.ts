import { join } from "node:path";
import { buildApplication } from "../application";
import { loadEnvironment } from "../environment/load";
import type { Environment } from "../environment/schema";
import type { WikiStack } from "../wiki-stack";
import type { Arguments } from "./arguments";

/** Top of the repository: Terraform's directories lie below it. */
export const ROOT = join(__dirname, "..", "..");
export const OUTPUT = "cdktf.out";

/** An environment that was checked, written, and can be handed to Terraform. */
export interface Workspace {
  readonly environment: Environment;
  readonly stack: WikiStack;
  /** Directory with the stack's Terraform JSON. */
  readonly directory: string;
}

/**
 * Checks the environment that the arguments name and writes its stack below `cdktf.out`; other stacks there are left alone.
 *
 * @throws ConfigurationError with every problem, before anything is written.
 */
export function synthesize({ environment: name, directory: source }: Arguments, change: (environment: Environment) => Environment = (same) => same): Workspace {
  const environment = change(loadEnvironment(name, source));
  const { app, stacks } = buildApplication([environment], { outdir: join(ROOT, OUTPUT) });
  const [stack] = stacks;
  if (!stack) throw new Error(`no stack was built for ${name}`);
  app.synth();
  return { environment, stack, directory: join(ROOT, OUTPUT, "stacks", name) };
}
