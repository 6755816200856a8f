import type { Docker } from "../../clients/docker/docker";
import { isHealthy } from "../../clients/docker/health";
import type { Environment } from "../../environment/schema";
import { containerName } from "../../stack/names";
import { linesOf } from "../../system/lines";
import { OperatorError } from "../../system/operator-error";
import { LIST_MIGRATIONS, migrationNames, WIKI_PHP } from "../wiki-commands";
import type { TargetFacts } from "./source-checks";

/** What the source is compared with; @throws OperatorError when the wiki does not run. */
export function targetFacts({ name, users }: Environment, docker: Docker): TargetFacts {
  if (!isHealthy(docker, containerName(name, "bookstack"))) {
    throw new OperatorError(`${containerName(name, "bookstack")} is not healthy, and an import needs a running wiki`, `npm run deploy -- ${name}`);
  }
  const files = linesOf(docker.output(["exec", containerName(name, "bookstack"), ...LIST_MIGRATIONS]));
  return { migrations: migrationNames(files), users };
}

/** Address of the wiki. */
export function wikiAddress({ name }: Environment, docker: Docker): string {
  const line = docker.inspect(containerName(name, "bookstack"))?.Config.Env.find((variable) => variable.startsWith("APP_URL="));
  return line?.slice("APP_URL=".length) ?? "";
}

/** Replaces the address of the source in everything that was imported, by BookStack's own command. */
export function rewriteAddress(docker: Docker, name: string, before: string, after: string): void {
  const artisan = [...WIKI_PHP, "artisan", "bookstack:update-url", before, after, "--force"];
  docker.patiently(["exec", containerName(name, "bookstack"), ...artisan]);
}
