import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LABEL } from "../../../constructs/docker/labels";
import { halt } from "../../clients/docker/halt";
import { rerunFailedJobs } from "../../clients/terraform/state";
import type { EventListener } from "../../clients/terraform/terraform";
import { OperatorError } from "../../system/operator-error";
import { rememberApplied } from "../deploy/applied-stack";
import { keepBuiltImages } from "../deploy/built-images";
import { removeUnrecorded } from "../deploy/unfinished-deploy";
import type { Tools } from "../tools";
import { STACK_FILE, type Workspace } from "../workspace";
import { restoreNames } from "./images";
import { prove, requireImages } from "./proof";
import { readBefore, type UpgradeJournal } from "./record";
import { servicesOf, startStopped } from "./services";
import { VolumeCopies } from "./volume-copies";
import { Wiki } from "./wiki";

export interface PutBackProps {
  readonly workspace: Workspace;
  readonly tools: Tools;
  readonly journal: UpgradeJournal;
  readonly listen: EventListener;
  readonly say: (line: string) => void;
}

/**
 * Puts the images, the configuration and the data back that an upgrade found, and proves that they work. It can be interrupted and
 * repeated at any step.
 *
 * @throws OperatorError when it does not succeed; the record then says so to the next command.
 */
export async function putBack(props: PutBackProps, reason: string): Promise<void> {
  const { workspace, tools, journal, say } = props;
  const { docker } = tools;
  const { environment, stack } = workspace;
  const { name } = environment;
  const { record } = journal;
  const wiki = new Wiki(docker, environment, stack.urls);
  const { before, volumes, copiedAt } = record;
  journal.step("going back", { process: process.pid, result: [...record.result, reason] });
  const copies = VolumeCopies.with(before, docker, name, copiedAt === undefined ? [] : volumes);
  if (copiedAt !== undefined) {
    say(`Puts the data of ${copiedAt} back: ${volumes.map(({ volume }) => volume).join(", ")} …`);
    if (docker.inspect(wiki.container)?.State.Running) halt(docker, wiki.container);
    // one that waits for the database would migrate the data that are put back
    for (const job of runningJobs(docker, name)) docker.patiently(["stop", job]);
    copies.back();
  }
  restoreNames(docker, before);
  say("Deploys the previous release …");
  const code = await deployPrevious(props);
  if (code !== 0)
    throw new OperatorError("the previous release could not be deployed", `npm run upgrade -- ${name} --back   # repeats it, after the cause is fixed`);
  await startStopped(docker, servicesOf(stack));
  requireImages(docker, before);
  const result = await prove(wiki, record);
  copies.remove();
  journal.step("put back", { result: [...journal.record.result, ...result] });
}

function runningJobs(docker: Tools["docker"], name: string): string[] {
  const filters = [`label=${LABEL.namespace}=${name}`, `label=${LABEL.kind}=job`, "status=running"];
  return docker.names(
    "container",
    filters.flatMap((filter) => ["--filter", filter]),
  );
}

/** Applies the stack that ran before, in the folder of the new one, which Terraform has initialized. */
async function deployPrevious({ workspace, tools, listen }: PutBackProps): Promise<number> {
  const { directory, environment } = workspace;
  const { docker, terraform } = tools;
  const file = join(directory, STACK_FILE);
  const { stack } = readBefore(environment.name);
  const sameProviders = settings(stack) === settings(readFileSync(file, "utf8"));
  writeFileSync(file, stack);
  // initializing may ask a registry, which must not be necessary to go back
  if (!sameProviders) terraform.init();
  const state = terraform.state();
  removeUnrecorded(workspace, docker, state);
  keepBuiltImages(directory, docker, state);
  const code = await terraform.change("apply", rerunFailedJobs(state), listen);
  if (code === 0) rememberApplied(workspace);
  return code;
}

/** Providers and backend of a stack. */
function settings(stack: string): string {
  return JSON.stringify((JSON.parse(stack) as { terraform?: unknown }).terraform);
}
