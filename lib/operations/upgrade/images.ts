import { registryOfImage } from "../../../constructs/core/image-reference";
import { plannedContainers } from "../../../constructs/policy/check";
import type { Docker } from "../../clients/docker/docker";
import { HARDENED } from "../../clients/docker/hardened";
import { isRateLimited, rateLimitRemedy } from "../../clients/registry/refusals";
import type { State } from "../../clients/terraform/state";
import type { WikiStack } from "../../stack/wiki-stack";
import { linesOf } from "../../system/lines";
import { OperatorError } from "../../system/operator-error";
import { buildArgs, stackImages } from "../deploy/stack-images";

/** The image of a container, as the engine has it. */
export interface RunningImage {
  readonly name: string;
  readonly id: string;
  /** `name@sha256:…`; none of an image that was built. */
  readonly digests: readonly string[];
}

/** Another image for one service or job. */
export interface ImageChange {
  readonly container: string;
  readonly service: string;
  readonly from: RunningImage;
  readonly to: RunningImage;
}

/** Images of the services and jobs that exist, by container. */
export function runningImages(stack: WikiStack, docker: Docker, state: State): Record<string, RunningImage> {
  const names = new Map(
    state.resources
      .filter(({ type }) => type === "docker_image")
      .flatMap(({ instances }) => instances.map(({ attributes }) => [String(attributes.image_id), String(attributes.name)] as const)),
  );
  const found = plannedContainers(stack)
    .filter(({ kind }) => kind === "service" || kind === "job")
    .flatMap(({ name }) => {
      const id = docker.inspect(name)?.Image;
      return id === undefined ? [] : [[name, describe(docker, names.get(id) ?? docker.imageName(id) ?? id, id)] as const];
    });
  return Object.fromEntries(found);
}

/**
 * Pulls and builds every image of the stack that the engine does not have, while everything runs.
 *
 * @throws OperatorError when one cannot be had.
 */
export function fetchImages(directory: string, docker: Docker, say: (line: string) => void): void {
  for (const { name, build } of stackImages(directory).values()) {
    if (docker.imageId(name) !== undefined) continue;
    say(build === undefined ? `Pulls ${name} …` : `Builds ${name} …`);
    fetchImage(docker, name, build === undefined ? ["pull", "--quiet", name] : buildArgs(directory, build, "--quiet", `--tag=${name}`));
  }
}

function fetchImage(docker: Docker, name: string, args: readonly string[]): void {
  try {
    docker.patiently(args, { quiet: true });
  } catch (error) {
    const [message = ""] = (error as Error).message.split("\n  → ");
    throw new OperatorError(
      `${name} cannot be ${args[0] === "pull" ? "pulled" : "built"}; nothing was changed: ${message}`,
      isRateLimited(message) ? `${rateLimitRemedy(registryIn(name, args))}; then upgrade again` : "fix the cause, then upgrade again",
    );
  }
}

/** Registry of an image, or of the one that it is built from. */
function registryIn(name: string, args: readonly string[]): string {
  const [, base = name] = /^--build-arg=FROM=(.+)$/m.exec(args.join("\n")) ?? [];
  return registryOfImage(base);
}

/** Services and jobs that get another image; the new images must be there. */
export function imageChanges(stack: WikiStack, docker: Docker, before: Readonly<Record<string, RunningImage>>): ImageChange[] {
  return plannedContainers(stack).flatMap(({ name: container, service, image }) => {
    const from = before[container];
    const id = docker.imageId(image);
    if (from === undefined || id === undefined || from.id === id) return [];
    return [{ container, service, from, to: describe(docker, image, id) }];
  });
}

/** Tag under which an image is kept whose name is given to another one. */
export function keptTag(environment: string, service: string): string {
  return `secure-bookstack/before-upgrade:${environment}-${service}`;
}

/** Gives images a tag whose own name means another image now, so that a clean-up of untagged images leaves them. */
export function keepImages(docker: Docker, environment: string, changes: readonly ImageChange[]): void {
  for (const { service, from } of changes) {
    if (docker.imageId(from.name) !== from.id) docker.output(["tag", from.id, keptTag(environment, service)]);
  }
}

/** Gives images their previous names back. */
export function restoreNames(docker: Docker, before: Readonly<Record<string, RunningImage>>): void {
  for (const { name, id } of Object.values(before)) {
    if (name !== id && !name.includes("@") && docker.imageId(name) !== id) docker.output(["tag", id, name]);
  }
}

/** Lines of what an image prints that is run once, without a network. */
export function askImage(docker: Docker, image: string, program: string, ...args: readonly string[]): string[] {
  const hardened = [...HARDENED, "--network=none", "--user=1000:1000", "--pull=never", "--log-driver=none"];
  return linesOf(docker.output(["run", "--rm", ...hardened, `--entrypoint=${program}`, image, ...args]));
}

function describe(docker: Docker, name: string, id: string): RunningImage {
  const { status, output } = docker.attempt(["image", "inspect", "--format", "{{range .RepoDigests}}{{println .}}{{end}}", id]);
  return { name, id, digests: status === 0 ? linesOf(output) : [] };
}
