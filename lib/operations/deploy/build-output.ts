import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Docker } from "../../clients/docker/docker";
import type { TerraformEvent } from "../../clients/terraform/terraform";

/** Last lines of a build that are shown. */
const LINES = 20;

interface Build {
  readonly context: string;
  readonly build_args?: Readonly<Record<string, string>>;
}

interface Plan {
  readonly resource?: { readonly docker_image?: Readonly<Record<string, { readonly name: string; readonly build?: Build | readonly Build[] }>> };
}

/**
 * Images whose build failed, and what their commands printed.
 *
 * The provider reports the exit code of a command alone, so the failed step runs once more.
 */
export class FailedBuilds {
  private readonly failed = new Set<string>();

  constructor(
    private readonly directory: string,
    private readonly docker: Pick<Docker, "attempt">,
  ) {}

  /** One event of Terraform. */
  public listen({ type, hook }: TerraformEvent): void {
    const [, image] = /^docker_image\.(\w+)$/.exec(hook?.resource?.addr ?? "") ?? [];
    if (type === "apply_errored" && image !== undefined) this.failed.add(image);
  }

  /** Lines for a person; none when every build succeeded. */
  public describe(): string[] {
    const { resource }: Plan = JSON.parse(readFileSync(join(this.directory, "cdk.tf.json"), "utf8"));
    return [...this.failed].flatMap((address) => {
      const { name = "", build } = resource?.docker_image?.[address] ?? {};
      const [context] = [build ?? []].flat();
      return context === undefined ? [] : this.outputOf(name, context);
    });
  }

  private outputOf(name: string, { context, build_args: args = {} }: Build): string[] {
    const options = Object.entries(args).map(([key, value]) => `--build-arg=${key}=${value}`);
    const { status, output } = this.docker.attempt(["build", "--force-rm", ...options, join(this.directory, context)]);
    if (status === 0) return [`The build of ${name} succeeded when it ran once more.`, ""];
    const lines = output.split("\n").filter((line) => line.trim() !== "");
    return [`The build of ${name} printed:`, ...lines.slice(-LINES).map((line) => `    ${line}`), ""];
  }
}
