import { assetText } from "../../../constructs/core/asset";
import { LABEL } from "../../../constructs/docker/labels";
import type { Docker } from "../../clients/docker/docker";
import { HostShell } from "../../clients/host/shell";
import { disposable } from "../../clients/terraform/state";
import { endReplacing } from "../../operations/backup/restore-record";
import { removeUnrecordedContainers } from "../../operations/deploy/unfinished-deploy";
import { refuseInterruptedMove } from "../../operations/move/record";
import { forgetFailover } from "../../operations/standby/roles";
import { requireTools } from "../../operations/tools";
import { forgetUpgrade } from "../../operations/upgrade/record";
import { synthesize, type Workspace } from "../../operations/workspace";
import { OperatorError } from "../../system/operator-error";
import type { Arguments, Command } from "../command";
import { Progress } from "../output/progress";

export const command: Command = {
  group: "run",
  summary: "remove all containers and networks; data and secrets stay",
  options: {
    "with-data": { description: "remove data and secrets, too; repeat the environment name to confirm", value: "environment" },
    host: { description: "undo the hardening of the host, too" },
  },
  changes: "interrupted",
  following: true,
  run,
};

async function run(args: Arguments): Promise<number> {
  const { environment: name, values, flags } = args;
  // an unfinished upgrade is forgotten; of a move, the other Docker host has a part
  refuseInterruptedMove(name);
  const withData = isConfirmed(name, values.get("with-data"));
  const workspace = synthesize(args, (written) => (withData ? { ...written, protectData: false } : written));
  const { host } = workspace.stack;
  if (flags.has("host") && host === undefined) throw new OperatorError(`${name} leaves its host alone; nothing was destroyed`, `npm run destroy -- ${name}`);
  const { terraform, docker } = requireTools(workspace);
  process.umask(0o077);
  terraform.init();
  const progress = new Progress(workspace.stack);
  const state = terraform.state();
  removeUnrecordedContainers(docker, name, state);
  const targets = withData ? [] : disposable(state, flags.has("host")).map((address) => `-target=${address}`);
  const code = withData || targets.length > 0 ? await terraform.change("destroy", targets, (event) => progress.listen(event)) : 0;
  if (code !== 0) {
    process.stdout.write(progress.failure(commandLine(args)));
    return code;
  }
  for (const [kind, found] of strays(docker, name, withData)) {
    docker.output([kind, "rm", ...(kind === "network" ? [] : ["--force"]), found]);
    process.stdout.write(`  ${kind} ${found} was not in the state; removed\n`);
  }
  forgetUpgrade(name);
  if (withData) {
    endReplacing(name);
    forgetFailover(name);
  }
  if (flags.has("host")) giveBack(workspace, withData);
  process.stdout.write(withData ? `\n${name} is deleted, with its data and secrets.\n` : kept(name, docker));
  return 0;
}

/** Whether data go, too. */
function isConfirmed(name: string, repeated: string | undefined): boolean {
  if (repeated === undefined || repeated === name) return repeated !== undefined;
  throw new OperatorError(`--with-data names "${repeated}", not "${name}"; nothing was destroyed`, `npm run destroy -- ${name} --with-data ${name}`);
}

/** The same command line once more. */
function commandLine({ environment, values, flags }: Arguments): string {
  const options = [...[...values].map(([option, value]) => `--${option} ${value}`), ...[...flags].map((flag) => `--${flag}`)];
  return ["npm run destroy --", environment, ...options].join(" ");
}

/** Puts the host back to what it was before the first deploy; without data, its encrypted secrets go as well. */
function giveBack({ environment: { name, host } }: Workspace, withSecrets: boolean): void {
  const { status, stdout, stderr } = new HostShell(host?.ssh).run(assetText("host/assets/remove.sh"), [name, ...(withSecrets ? ["--with-secrets"] : [])]);
  process.stdout.write(`${stdout}${stderr}`);
  if (status !== 0) throw new OperatorError("the host was not restored completely", `npm run destroy -- ${name} --host   # after the cause is fixed`);
}

/** What carries the label of the environment although Terraform does not know it, as after an apply that was killed. */
function strays(docker: Docker, name: string, withData: boolean): (readonly [string, string])[] {
  const label = `${LABEL.namespace}=${name}`;
  const data = withData ? [] : docker.labelled("volume", `${LABEL.kind}=data`);
  const volumes = docker.labelled("volume", label).filter((found) => !data.includes(found));
  return [
    ...docker.labelled("container", label).map((found) => ["container", found] as const),
    ...volumes.map((found) => ["volume", found] as const),
    ...docker.labelled("network", label).map((found) => ["network", found] as const),
  ];
}

function kept(name: string, docker: Docker): string {
  const volumes = docker.labelled("volume", `${LABEL.namespace}=${name}`);
  // without containers they are unused volumes for Docker
  const prune = "Until then never run docker volume prune, nor docker system prune --volumes: they can delete all of these\n";
  const again = `To use them again: npm run deploy -- ${name}\nTo delete them: npm run destroy -- ${name} --with-data ${name}\n`;
  return `\n${name} is down. Data and secrets are kept:\n${volumes.map((found) => `  volume ${found}\n`).join("")}\n${again}${volumes.length > 0 ? prune : ""}`;
}
