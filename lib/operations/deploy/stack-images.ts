import { readFileSync } from "node:fs";
import { join } from "node:path";
import { STACK_FILE } from "../workspace";

/** What an image is built from. */
export interface StackBuild {
  readonly context: string;
  readonly build_args?: Readonly<Record<string, string>>;
}

/** An image of a stack. */
export interface StackImage {
  readonly name: string;
  /** @default - it is pulled */
  readonly build?: StackBuild;
}

interface Stack {
  readonly resource?: { readonly docker_image?: Readonly<Record<string, { readonly name: string; readonly build?: StackBuild | readonly StackBuild[] }>> };
}

/** Images of the stack whose JSON is in `directory`, by their name in Terraform. */
export function stackImages(directory: string): ReadonlyMap<string, StackImage> {
  const { resource }: Stack = JSON.parse(readFileSync(join(directory, STACK_FILE), "utf8"));
  return new Map(
    Object.entries(resource?.docker_image ?? {}).map(([id, { name, build }]) => {
      const [first] = [build ?? []].flat();
      return [id, { name, build: first }];
    }),
  );
}

/** Arguments of `docker` that build an image of the stack in `directory`. */
export function buildArgs(directory: string, { context, build_args: args = {} }: StackBuild, ...options: readonly string[]): string[] {
  const values = Object.entries(args).map(([key, value]) => `--build-arg=${key}=${value}`);
  return ["build", "--force-rm", ...options, ...values, join(directory, context)];
}
