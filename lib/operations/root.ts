import { join } from "node:path";

/** Top of the repository: Terraform's directories lie below it. */
export const ROOT = join(__dirname, "..", "..");

/** Path of a file that is kept beside the state of an environment, and like it in no repository. */
export function besideState(environment: string, ending: string): string {
  return join(ROOT, `terraform.${environment}.tfstate.${ending}`);
}
