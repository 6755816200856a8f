import { LABEL } from "../../../constructs/docker/labels";
import type { Docker } from "../../clients/docker/docker";
import { halt, resume } from "../../clients/docker/halt";
import { isHealthy, untilHealthy } from "../../clients/docker/health";
import { inTurns } from "../../clients/docker/in-turns";
import type { Environment } from "../../environment/schema";
import { databaseService } from "../../stack/mysql";
import { type ContainerName, containerName } from "../../stack/names";
import { secondsSince } from "../../system/elapsed";
import { OperatorError } from "../../system/operator-error";
import { WIKI_STATUS } from "../wiki-commands";
import type { BackupContainer } from "./backup-container";
import { restoreAccount } from "./restore-account";
import { RestoreContainer } from "./restore-container";
import { beginReplacing, endReplacing } from "./restore-record";
import { HostExchange, type SecretExchange, VolumeExchange } from "./secret-exchange";
import type { WikiReplicas } from "./wiki-replicas";

/** Jobs that update restored data: users of the portal, and the database version of the wiki. */
const JOBS = ["authelia-users", "bookstack-setup", "bookstack-users"] as const;
/** Seconds that a service may take until it is healthy. */
const HEALTHY_SECONDS = 300;

/** Restores a set, and rolls back to the previous data when a step fails. */
export class Restore {
  private readonly docker: Docker;
  private readonly namespace: string;
  private readonly worker: RestoreContainer;
  private readonly secrets: SecretExchange;
  private stopped: string[] = [];
  /** Milliseconds. */
  private stoppedAt = Date.now();

  constructor(
    private readonly environment: Environment,
    backup: BackupContainer,
    private readonly say: (line: string) => void,
    /** @default - the wiki is a container */
    private readonly replicas?: Pick<WikiReplicas, "halt" | "resume">,
  ) {
    this.docker = backup.docker;
    this.namespace = environment.name;
    this.worker = new RestoreContainer(this.docker, this.namespace, backup.require());
    this.secrets = environment.host
      ? new HostExchange(environment, this.docker, this.worker.scratch)
      : new VolumeExchange(this.worker, (job) => this.repeat(job));
    this.requireDatabase();
  }

  /**
   * Restores `set`, which was opened in the scratch volume of the backup; what `last` does belongs to it, and is undone as well if it fails.
   *
   * @returns seconds that the wiki was down.
   */
  public async run(set: string, last: () => void = () => undefined): Promise<number> {
    this.worker.start();
    beginReplacing(this.namespace, set);
    try {
      halt(this.docker, containerName(this.namespace, "backup"));
      this.account("grant");
      if (this.mayBeSwapped()) await this.stop();
      // what a restore that was killed left
      this.back();
      this.say("Loads the set beside the current data …");
      this.worker.step("prepare", { set });
      await this.stop();
      this.say("Replacing the data by those of the set …");
      this.worker.step("swap");
      this.tell("the set", this.secrets.put());
      for (const job of JOBS) this.repeat(job);
      await this.start();
      const down = secondsSince(this.stoppedAt);
      last();
      this.worker.step("finish");
      this.secrets.forget();
      endReplacing(this.namespace);
      return down;
    } catch (error) {
      return await this.undo(error as Error);
    } finally {
      resume(this.docker, containerName(this.namespace, "backup"));
      this.account("drop");
      this.worker.remove();
    }
  }

  private async undo({ message }: Error): Promise<never> {
    this.say("The restore failed; rolling back …");
    const before = this.stopped.length === 0;
    if (!before) {
      await this.replicas?.halt();
      inTurns(this.docker, ["stop"], this.stopped);
    }
    // the database may have been restarted since
    this.account("grant");
    this.back();
    if (!before) await this.start();
    endReplacing(this.namespace);
    throw new OperatorError(
      `nothing was restored: ${message}`,
      before ? "nothing was stopped or replaced; the wiki runs as before" : "the previous data are back, and the wiki runs",
    );
  }

  /**
   * Whether a restore that was killed may have left data of both, which services must not use while they are put back. Scripts that an
   * older release deployed do not tell.
   */
  private mayBeSwapped(): boolean {
    try {
      return this.worker.ask("swapped") !== "";
    } catch {
      return true;
    }
  }

  private back(): void {
    this.worker.step("back");
    this.tell("the time before", this.secrets.back());
  }

  private tell(whose: string, secrets: readonly string[]): void {
    if (secrets.length > 0) this.say(`Secrets of ${whose}: ${secrets.join(", ")}`);
  }

  private repeat(job: ContainerName): void {
    const name = containerName(this.namespace, job);
    if (this.docker.inspect(name)) this.docker.patiently(["start", "--attach", name], { show: true });
  }

  private account(step: "grant" | "drop"): void {
    const password = restoreAccount(this.docker, this.namespace, step);
    if (step === "grant") this.worker.step("account", { input: password });
  }

  /** Whatever uses a volume that is restored; the backup itself is halted already. */
  private async stop(): Promise<void> {
    if (this.stopped.length > 0) return;
    const from = Date.now();
    await this.replicas?.halt();
    const services = this.docker
      .labelled("container", `${LABEL.namespace}=${this.namespace}`)
      .map((name) => ({ name, state: this.docker.inspect(name) }))
      .filter(({ state }) => state?.Config.Labels[LABEL.kind] === "service");
    const uses = services.filter(({ state }) => state?.Mounts.some(({ Name = "" }) => this.worker.volumes.includes(Name)));
    this.stopped = uses.map(({ name }) => name).filter((name) => name !== containerName(this.namespace, "backup"));
    this.say(`Stops ${this.stopped.join(", ")} …`);
    this.stoppedAt = from;
    halt(this.docker, ...this.stopped);
  }

  private async start(): Promise<void> {
    this.say(`Starts ${this.stopped.join(", ")} …`);
    resume(this.docker, ...this.stopped);
    await untilHealthy(this.docker, this.stopped, HEALTHY_SECONDS);
    if (this.replicas) return this.replicas.resume();
    this.docker.output(["exec", containerName(this.namespace, "bookstack"), ...WIKI_STATUS]);
  }

  private requireDatabase(): void {
    const name = containerName(this.namespace, databaseService(this.environment));
    if (!isHealthy(this.docker, name)) {
      throw new OperatorError(`${name} is not running, and a restore needs a running database`, `npm run deploy -- ${this.namespace}`);
    }
  }
}
