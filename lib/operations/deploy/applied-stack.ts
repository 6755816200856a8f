import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Terraform } from "../../clients/terraform/terraform";
import { OperatorError } from "../../system/operator-error";
import { writeWhole } from "../../system/whole-file";
import { besideState } from "../root";
import { STACK_FILE, type Workspace } from "../workspace";

/** Keeps the stack that was applied: the folder of the stack is written again by each command that only looks. */
export function rememberApplied({ environment: { name }, directory }: Pick<Workspace, "environment" | "directory">): void {
  writeWhole(besideState(name, "applied"), readFileSync(join(directory, STACK_FILE), "utf8"));
}

/**
 * Terraform JSON of the stack that is deployed: the one that was kept, or the one that an earlier release left in the folder of the
 * stack. A plan proves which it is: it changes nothing.
 *
 * @throws OperatorError when it is neither.
 */
export async function deployedStack({ environment: { name }, directory }: Pick<Workspace, "environment" | "directory">, terraform: Terraform): Promise<string> {
  const file = join(directory, STACK_FILE);
  const candidates = [besideState(name, "applied"), file].filter((path) => existsSync(path)).map((path) => readFileSync(path, "utf8"));
  mkdirSync(directory, { recursive: true });
  for (const text of new Set(candidates)) {
    writeFileSync(file, text);
    terraform.init();
    const changes = await terraform.preview([], () => undefined);
    if (changes?.size === 0) return text;
  }
  throw new OperatorError(
    `the stack that ${name} was deployed with is not known here, so a failed upgrade could not be undone; nothing was changed`,
    [
      "check out the release that is deployed, with the environment file that was deployed, and run",
      `  npm run deploy -- ${name}`,
      "which must change nothing; then check out this release again, and upgrade",
    ].join("\n"),
  );
}
