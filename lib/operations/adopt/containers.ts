import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LABEL } from "../../../constructs/docker/labels";
import type { PlannedResource } from "../../clients/terraform/plan";
import { withTemporaryDirectory } from "../../system/temporary";
import type { Engine, FoundContainer } from "./engine";
import { adopted, type Found, left, missing } from "./found";
import { unreadDifferences } from "./unread";

interface Upload {
  readonly file: string;
  readonly content: string;
}

/** The containers that the plan wants, as far as the Docker host has them. Its networks, volumes and images are in the state already. */
export function findContainers(planned: readonly PlannedResource[], namespace: string, engine: Engine): Found[] {
  const containers = engine.containers();
  return planned.filter(({ type }) => type === "docker_container").map((resource) => find(resource, namespace, containers, engine));
}

function find(resource: PlannedResource, namespace: string, containers: ReadonlyMap<string, FoundContainer>, engine: Engine): Found {
  const { values } = resource;
  const name = String(values.name);
  const found = containers.get(name);
  if (found === undefined) return left(missing(resource, "container"));
  const problem = unusable(values, found, namespace);
  if (problem !== undefined) return left(`container ${name} ${problem}`);
  const differences = unreadDifferences(values, found, engine.imageVariables(found.Image));
  const uploads = differences.length > 0 ? [] : uploadDifferences(name, values.upload, engine);
  return adopted(resource, { id: found.Id, image: found.Image, ...neverRead(values) }, [...differences, ...uploads]);
}

/** Attributes that would be unknown, and would replace the container, if the state had nothing for them. */
export function neverRead({ env, attach }: PlannedResource["values"]): Readonly<Record<string, unknown>> {
  // the condition of a job quotes its output
  return { env: env ?? [], ...(attach === true ? { container_logs: "" } : {}) };
}

/** Why a container must not be in the state: the provider would remove one that should run and does not, already when it plans. */
function unusable({ must_run: mustRun, attach }: PlannedResource["values"], { State, Config }: FoundContainer, namespace: string): string | undefined {
  if (Config.Labels?.[LABEL.namespace] !== namespace) return `is not of ${namespace}: it has no label ${LABEL.namespace}=${namespace}`;
  if (mustRun !== false) return State.Running && !State.Restarting ? undefined : `does not run (${State.Status})`;
  if (attach !== true) return undefined;
  if (State.Running) return "still runs";
  return State.ExitCode === 0 && State.Status === "exited" ? undefined : `ended with exit code ${State.ExitCode} (${State.Status})`;
}

/** Files that a config container uploaded, and that are not what is planned. */
function uploadDifferences(container: string, uploads: unknown, engine: Engine): string[] {
  if (!Array.isArray(uploads) || uploads.length === 0) return [];
  return withTemporaryDirectory((directory) =>
    [...filesByDirectory(uploads as readonly Upload[])].flatMap(([path, files], index) => {
      const copy = join(directory, String(index));
      mkdirSync(copy);
      engine.copy(container, path, copy);
      return files
        .filter(({ file, content }) => textOf(join(copy, file.slice(path.length + 1))) !== content)
        .map(({ file }) => `file ${file} is not what is planned`);
    }),
  );
}

/** Files by their topmost directory, which is copied as a whole. */
function filesByDirectory(uploads: readonly Upload[]): Map<string, Upload[]> {
  const directories = new Map<string, Upload[]>();
  for (const upload of uploads) {
    const directory = `/${upload.file.split("/")[1]}`;
    directories.set(directory, [...(directories.get(directory) ?? []), upload]);
  }
  return directories;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
