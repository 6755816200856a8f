import { existsSync } from "node:fs";
import { certificateFilesProblem } from "../clients/docker/certificate-files";
import { keyFileProblem } from "../clients/host/key-file";
import { loginFile } from "../clients/registry/authorization";
import { loginCommand } from "../clients/registry/refusals";
import { type LocalFileKind, localFileKeys } from "../environment/local-files";
import { type Environment, environmentSchema } from "../environment/schema";
import type { FileProblem } from "../system/file-problem";
import { OperatorError } from "../system/operator-error";

const CHECKS: Readonly<Record<LocalFileKind, (written: string) => FileProblem | undefined>> = {
  "private key": keyFileProblem,
  certificates: certificateFilesProblem,
};

/**
 * Checks every file of this machine that the environment names, before Terraform, Docker or a host is asked for anything.
 *
 * A workspace of Terraform Cloud may run on another machine, which has other files: nothing is checked then.
 *
 * @throws OperatorError that names each key, its value, and what to do.
 */
export function requireLocalFiles(environment: Environment): void {
  if (environment.state.backend === "cloud") return;
  const errors = localFileKeys(environmentSchema).flatMap(({ key, kind }) => {
    const written = valueAt(environment, key);
    const found = written === undefined ? undefined : CHECKS[kind](written);
    return found === undefined ? [] : [new OperatorError(`${key}: ${written} ${found.problem}`, found.remedy)];
  });
  const logins = environment.docker.registryLogins ?? [];
  // Terraform's provider cannot begin without the file, even if no login is needed
  if (logins.length > 0 && !existsSync(loginFile())) {
    errors.push(new OperatorError(`docker.registryLogins: ${loginFile()} is missing`, logins.map(loginCommand).join("\n")));
  }
  if (errors.length > 0) throw OperatorError.joined(errors);
}

function valueAt(environment: Environment, key: string): string | undefined {
  const value = key.split(".").reduce<unknown>((block, name) => (block as Record<string, unknown> | undefined)?.[name], environment);
  return typeof value === "string" ? value : undefined;
}
