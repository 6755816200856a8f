import type { Docker } from "../../clients/docker/docker";
import { linesOf } from "../../system/lines";
import { OperatorError } from "../../system/operator-error";
import { stackImages } from "../deploy/stack-images";
import { transfer } from "./transfer";

/**
 * Gives the new engine every image of the stack that it does not have: pulled, if the old engine pulled it, and else sent from there.
 *
 * @throws OperatorError when one cannot be had.
 */
export async function bringImages(directory: string, from: Docker, to: Docker, say: (line: string) => void): Promise<void> {
  const missing = [...stackImages(directory).values()].filter(({ name }) => to.imageId(name) === undefined);
  const sent = missing.filter(({ name, build }) => build !== undefined || !isPulled(from, name) || !pull(to, name, say)).map(({ name }) => name);
  const byDigest = sent.filter((name) => name.includes("@"));
  if (byDigest.length > 0) {
    // a saved image has no digest when it is loaded
    throw new OperatorError(`the new Docker host cannot pull ${byDigest.join(", ")}; nothing was changed`, "fix the cause, then move again");
  }
  if (sent.length === 0) return;
  say(`Sends ${sent.join(", ")} …`);
  await transfer("images", from.invocation(["save", ...sent]), to.invocation(["load", "--quiet"]));
}

function isPulled(docker: Docker, name: string): boolean {
  const { status, output } = docker.attempt(["image", "inspect", "--format", "{{range .RepoDigests}}{{println .}}{{end}}", name]);
  return status !== 0 || linesOf(output).length > 0;
}

function pull(docker: Docker, name: string, say: (line: string) => void): boolean {
  say(`Pulls ${name} …`);
  try {
    docker.patiently(["pull", "--quiet", name]);
    return true;
  } catch {
    return false;
  }
}
