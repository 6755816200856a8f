import { setTimeout as pause } from "node:timers/promises";
import { resourceAddress } from "../../../constructs/core/dependencies";
import { halt, resume } from "../../clients/docker/halt";
import { haltReplicas, replicasOf, resumeReplicas } from "../../clients/docker/replicas";
import { rerunFailedJobs, type State } from "../../clients/terraform/state";
import type { EventListener } from "../../clients/terraform/terraform";
import { imagesFor } from "../../stack/images";
import { containerName } from "../../stack/names";
import type { Tools } from "../tools";
import type { Workspace } from "../workspace";

/** Seconds that the wiki of before may take until it is healthy again. */
const HEALTHY_SECONDS = 120;

/**
 * Runs the job that migrates the database before anything else is replaced, while the running wiki is only stopped.
 *
 * In one apply, Terraform would remove the running wiki before the job has begun, so a migration that fails would leave none.
 */
export class WikiUpdate {
  private readonly container: string;

  constructor(
    private readonly workspace: Workspace,
    private readonly tools: Tools,
    private readonly listen: EventListener,
    /**
     * Called while the wiki is stopped, before its database is changed; after a failure it stays stopped then, for the caller.
     * @default - nothing is called, and after a failure the wiki is started again
     */
    private readonly whileStopped?: () => Promise<void>,
  ) {
    this.container = containerName(workspace.environment.name, "bookstack");
  }

  /** Gives the exit code; after a failure the wiki of before runs again, as far as it can, unless the caller puts more back. */
  public async run(state: State): Promise<number> {
    const { docker, terraform } = this.tools;
    const { wiki } = this.workspace.stack;
    if (wiki === undefined) return 0;
    const { cluster } = this.workspace.environment;
    const replicas = cluster && replicasOf(docker, this.container);
    if (cluster ? !replicas || this.isSameImage() : !docker.inspect(this.container)?.State.Running) return 0;
    const setup = resourceAddress(wiki.setup.container);
    const args = [`-target=${setup}`, ...rerunFailedJobs(state)];
    const changes = await terraform.preview(args, this.listen);
    if (changes === undefined) return 1;
    if (!changes.has(setup)) return 0;
    if (movesNetworks(changes)) {
      say("  the networks change as well, so the wiki is removed before its database is migrated");
      return 0;
    }
    say(`  ${this.container} is stopped during the migration of its database …`);
    if (replicas) await haltReplicas(docker, this.container);
    else halt(docker, this.container);
    await this.whileStopped?.();
    const code = await uninterrupted(() => terraform.change("apply", args, this.listen));
    if (code !== 0 && this.whileStopped === undefined) await this.startAgain(replicas);
    return code;
  }

  /** With the same image there is nothing to migrate, and replicas need not stop for the job: it refuses to migrate beside others in any case. */
  private isSameImage(): boolean {
    const { name, database, images } = this.workspace.environment;
    const { docker } = this.tools;
    const before = docker.inspect(containerName(name, "bookstack-setup"))?.Image;
    return before !== undefined && before === docker.imageId(imagesFor(database.version, images).bookstack.reference);
  }

  private async startAgain(replicas: number | undefined): Promise<void> {
    const { docker } = this.tools;
    say(`  ${this.container} is started again with the previous version …`);
    try {
      if (replicas) return resumeReplicas(docker, this.container, replicas);
      resume(docker, this.container);
    } catch (error) {
      // the message about the failure must follow
      say(`  ${this.container} could not be started: ${(error as Error).message}`);
      return;
    }
    const deadline = Date.now() + HEALTHY_SECONDS * 1000;
    while (Date.now() < deadline && docker.inspect(this.container)?.State.Health?.Status === "starting") {
      await pause(1000);
    }
  }
}

/** A network is replaced only together with everything on it. */
function movesNetworks(changes: ReadonlyMap<string, string>): boolean {
  return [...changes].some(([address, action]) => address.startsWith("docker_network.") && action !== "create");
}

/** An interrupt ends Terraform, which gets it from the terminal as well, and not this program: the wiki has to start again. */
async function uninterrupted<T>(action: () => Promise<T>): Promise<T> {
  const ignore = () => undefined;
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, ignore);
  try {
    return await action();
  } finally {
    for (const signal of signals) process.off(signal, ignore);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
