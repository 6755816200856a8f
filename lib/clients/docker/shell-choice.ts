import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { redact } from "../../../constructs/core/secret-kinds";

/** The Docker host of the operator's shell, and the setting that selects it. */
export interface ShellChoice {
  /** `DOCKER_HOST`, or `the Docker context "colima"`. */
  readonly by: string;
  /** `unix://…`, `ssh://…` or `tcp://…`; nothing when the context names none that can be read. */
  readonly host: string | undefined;
}

/** Name of the context for DOCKER_HOST or the default socket. */
const DEFAULT_CONTEXT = "default";

/** The host that a `docker` command would use in this shell; nothing for the default. */
export function shellChoice(variables: NodeJS.ProcessEnv = process.env): ShellChoice | undefined {
  const { DOCKER_HOST: host, DOCKER_CONTEXT: named, DOCKER_CONFIG: directory = join(homedir(), ".docker") } = variables;
  if (host) return { by: "DOCKER_HOST", host };
  const context = named || currentContext(directory);
  if (context === undefined || context === DEFAULT_CONTEXT) return undefined;
  return { by: `the Docker context ${JSON.stringify(context)}`, host: contextHost(directory, context) };
}

/**
 * One line if the shell selects another host than `docker.host`, which is used here; nothing if both agree.
 *
 * The plan must not depend on a shell: another machine, or a pipeline, would deploy somewhere else.
 */
export function otherChoice(host: string, choice = shellChoice()): string | undefined {
  if (choice === undefined || choice.host === host) return undefined;
  const { by, host: other } = choice;
  const remedy = other === undefined ? "if you mean another host, write it into docker.host" : `set docker.host to ${other} if you mean that one`;
  return `${by} ${other === undefined ? "is set" : `selects ${other}`}, but docker.host is ${host}, and that is used; ${remedy}`;
}

/** Says so on the terminal, apart from what a command prints for programs. */
export function noteOtherChoice({ host }: { readonly host: string }): void {
  const note = otherChoice(host);
  if (note !== undefined) process.stderr.write(`note: ${redact(note)}\n`);
}

function currentContext(directory: string): string | undefined {
  return readJson<{ currentContext?: string }>(join(directory, "config.json"))?.currentContext || undefined;
}

/** Docker keeps each context in a folder that is named by the checksum of its name. */
function contextHost(directory: string, context: string): string | undefined {
  const folder = createHash("sha256").update(context).digest("hex");
  const meta = readJson<{ Endpoints?: { docker?: { Host?: string } } }>(join(directory, "contexts", "meta", folder, "meta.json"));
  return meta?.Endpoints?.docker?.Host;
}

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return undefined;
  }
}
