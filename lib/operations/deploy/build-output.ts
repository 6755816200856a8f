import type { Docker } from "../../clients/docker/docker";
import type { TerraformEvent } from "../../clients/terraform/terraform";
import { buildArgs, type StackBuild, stackImages } from "./stack-images";

/** Last lines of a build that are shown. */
const LINES = 20;

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
    const images = stackImages(this.directory);
    return [...this.failed].flatMap((address) => {
      const { name = "", build } = images.get(address) ?? {};
      return build === undefined ? [] : this.outputOf(name, build);
    });
  }

  private outputOf(name: string, build: StackBuild): string[] {
    const { status, output } = this.docker.attempt(buildArgs(this.directory, build));
    if (status === 0) return [`The build of ${name} succeeded when it ran once more.`, ""];
    const lines = output.split("\n").filter((line) => line.trim() !== "");
    return [`The build of ${name} printed:`, ...lines.slice(-LINES).map((line) => `    ${line}`), ""];
  }
}
