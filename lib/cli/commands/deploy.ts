import { Docker } from "../../clients/docker/docker";
import { untilReplicasRun } from "../../clients/docker/replicas";
import type { EventListener } from "../../clients/terraform/terraform";
import { nameOfStandby } from "../../environment/standby";
import { rememberApplied } from "../../operations/deploy/applied-stack";
import { apply } from "../../operations/deploy/apply";
import { FailedBuilds } from "../../operations/deploy/build-output";
import { keepBuiltImages } from "../../operations/deploy/built-images";
import { requireFitEngine } from "../../operations/deploy/fit-engine";
import { requireFreePorts } from "../../operations/deploy/free-ports";
import { requireIpv6 } from "../../operations/deploy/ipv6-engine";
import { RefusedPulls } from "../../operations/deploy/refused-pulls";
import { Rollback } from "../../operations/deploy/rollback";
import { removeUnrecorded } from "../../operations/deploy/unfinished-deploy";
import { deployHost } from "../../operations/host/host-deployment";
import { requireLocalFiles } from "../../operations/local-files";
import { requireTerraform } from "../../operations/require-terraform";
import { requireProvidedSecrets } from "../../operations/secrets/secret-store";
import { requireTools } from "../../operations/tools";
import { synthesize, type Workspace } from "../../operations/workspace";
import { containerName } from "../../stack/names";
import type { Arguments, Command } from "../command";
import { confirmed } from "../output/confirm";
import { Progress } from "../output/progress";

export const command: Command = {
  group: "run",
  summary: "apply the environment and wait until every container is healthy",
  options: { yes: { description: "do not ask before a host is hardened for the first time" } },
  changes: "whole",
  following: true,
  run,
};

async function run(args: Arguments): Promise<number> {
  const workspace = synthesize(args);
  const { environment, stack } = workspace;
  const progress = new Progress(stack, (container) => new Docker(environment.docker).lastLine(container));
  const builds = new FailedBuilds(workspace.directory, new Docker(environment.docker));
  const pulls = new RefusedPulls(workspace.directory);
  const listen: EventListener = (event) => {
    for (const part of [progress, builds, pulls]) part.listen(event);
  };
  const again = `npm run deploy -- ${args.environment}`;
  // what Terraform writes from here on (the state) is for this user alone
  process.umask(0o077);
  if (stack.host) {
    // it can install Docker
    requireLocalFiles(environment);
    const onHost = requireTerraform(workspace);
    onHost.init();
    const code = await deployHost(workspace, onHost, listen, { yes: args.flags.has("yes"), withYes: `${again} --yes`, ask: confirmed });
    if (code !== 0) return failed(code, progress.failure(again));
  }
  const { terraform, docker } = requireTools(workspace);
  process.stdout.write(`Deploying ${args.environment} to ${environment.docker.host} …\n`);
  await requireFitEngine(environment, docker);
  requireIpv6(environment, docker);
  await requireFreePorts(environment, docker);
  requireProvidedSecrets(stack, environment);
  process.stdout.write(`Preparing ${terraform.binary} …\n`);
  terraform.init();
  const state = terraform.state();
  const rollback = new Rollback(workspace, docker);
  removeUnrecorded(workspace, docker, state);
  keepBuiltImages(workspace.directory, docker, state);
  const code = await apply(workspace, { terraform, docker }, state, listen);
  if (code !== 0) return failed(code, progress.failure(again, [...pulls.describe(), ...builds.describe(), ...rollback.describe()]));
  rememberApplied(workspace);
  if (environment.cluster) await untilReplicasRun(docker, containerName(environment.name, "bookstack"));
  process.stdout.write(arrived(workspace));
  return code;
}

function failed(code: number, text: string): number {
  process.stdout.write(text);
  return code;
}

function arrived({ environment: { name, wiki, users, signOn, tls }, stack }: Workspace): string {
  if (stack.wiki === undefined) return `\nEvery container is healthy. This host follows another one: npm run standby -- ${nameOfStandby(name) ?? name}\n`;
  const authority = tls.issuer === "local" ? ["", `Certificate authority, for your browser to trust: npm run --silent ca -- ${name} > wiki-ca.crt`] : [];
  return [
    "",
    "Every container is healthy.",
    ...Object.values(stack.urls).map((url) => `  ${url}`),
    "",
    signOn.breakGlass
      ? `The portal is bypassed. Sign in as ${wiki.admin.email}; the password: npm run credentials -- ${name}`
      : `Sign in as ${users.map((user) => user.name).join(" or ")}; initial passwords, and codes without a mail server: npm run credentials -- ${name}`,
    ...authority,
    "",
  ].join("\n");
}
