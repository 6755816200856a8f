import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Docker } from "../../../clients/docker/docker";
import { containerName } from "../../../stack/names";

const SCRIPT = readFileSync(join(__dirname, "last-set.sh"), "utf8");

/** Why the newest set of the host does not open; empty when it does, nothing when there is none. */
export function lastSet(docker: Docker, namespace: string): string | undefined {
  const name = containerName(namespace, "backup");
  if (docker.inspect(name)?.State.Running !== true) throw new Error(`${name} does not run`);
  const output = docker.output(["exec", "--interactive", name, "sh", "-s"], SCRIPT).trim();
  if (output === "none") return undefined;
  return output === "opens" ? "" : output;
}
