import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { shellWord } from "../../../../constructs/core/render";
import { Connection } from "../../../clients/docker/connection";
import { remoteDocker } from "../../../environment/host-url";
import type { Environment } from "../../../environment/schema";
import { linesOf } from "../../../system/lines";
import type { HostFacts } from "../facts";

const SCRIPT = readFileSync(join(__dirname, "host.sh"), "utf8");
/** Milliseconds for the whole probe. */
const PATIENCE = 30_000;

/**
 * What the machine of the Docker host is, as any user of it may see.
 *
 * @throws Error when it cannot be looked at from here.
 */
export function hostFacts({ docker, mail }: Environment, root: string): HostFacts {
  const args = ["-s", "--", root, ...(mail === undefined ? ["", ""] : [mail.host, `${mail.port}`])];
  const { status, stdout, stderr } = docker.host.startsWith("unix://") ? run("sh", args, process.env) : remotely(docker, args);
  if (status !== 0) throw new Error(`the Docker host cannot be looked at: ${linesOf(`${stderr ?? ""}`).at(-1) ?? `exit code ${status}`}`);
  return read(stdout);
}

/** Lines of one key are joined. */
export function read(printed: string): HostFacts {
  const facts: Record<string, string> = {};
  for (const line of linesOf(printed)) {
    const [, key, value = ""] = /^([a-z_]+)=(.*)$/.exec(line) ?? [];
    if (key === undefined) continue;
    facts[key] = facts[key] === undefined ? value : `${facts[key]}\n${value}`;
  }
  return facts;
}

function remotely(docker: Environment["docker"], args: readonly string[]) {
  const { scheme, user, host = "", port } = remoteDocker(docker.host) ?? {};
  if (scheme !== "ssh") throw new Error("docker.host is reached over TLS, which shows the engine only; run doctor on that machine, too");
  const command = ["sh", ...args].map(shellWord).join(" ");
  const target = user === undefined ? host : `${user}@${host}`;
  return run("ssh", [...(port === undefined ? [] : ["-p", `${port}`]), target, command], Connection.to(docker).variables);
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  return spawnSync(program, args, { input: SCRIPT, env, encoding: "utf8", timeout: PATIENCE });
}
