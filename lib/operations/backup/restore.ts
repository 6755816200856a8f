import { LABEL } from "../../../constructs/docker/labels";
import type { Docker } from "../../clients/docker/docker";
import { halt, resume } from "../../clients/docker/halt";
import { isHealthy, untilHealthy } from "../../clients/docker/health";
import type { Environment } from "../../environment/schema";
import { databaseService } from "../../stack/mysql";
import { type ContainerName, containerName } from "../../stack/names";
import { OperatorError } from "../../system/operator-error";
import { WIKI_STATUS } from "../wiki-commands";
import type { BackupContainer } from "./backup-container";
import { restoreAccount } from "./restore-account";
import { RestoreContainer } from "./restore-container";
import { beginReplacing, endReplacing } from "./restore-record";
import { HostExchange, type SecretExchange, VolumeExchange } from "./secret-exchange";

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

  constructor(
    private readonly environment: Environment,
    backup: BackupContainer,
    private readonly say: (line: string) => void,
  ) {
    this.docker = backup.docker;
    this.namespace = environment.name;
    this.worker = new RestoreContainer(this.docker, this.namespace, backup.require());
    this.secrets = environment.host
      ? new HostExchange(environment, this.docker, this.worker.scratch)
      : new VolumeExchange(this.worker, (job) => this.repeat(job));
    this.requireDatabase();
  }

  /** Restores `set`, which was opened in the scratch volume of the backup; what `last` does belongs to it, and is undone as well if it fails. */
  public async run(set: string, last: () => void = () => undefined): Promise<void> {
    this.worker.start();
    beginReplacing(this.namespace, set);
    try {
      this.stop();
      this.account("grant");
      // what a restore that was killed left halfway
      this.back();
      this.worker.step("prepare", { set });
      this.say("Replacing the data by those of the set …");
      this.worker.step("swap");
      this.tell("the set", this.secrets.put());
      for (const job of JOBS) this.repeat(job);
      await this.start();
      last();
      this.worker.step("finish");
      this.secrets.forget();
      endReplacing(this.namespace);
    } catch (error) {
      await this.undo(error as Error);
    } finally {
      resume(this.docker, containerName(this.namespace, "backup"));
      this.account("drop");
      this.worker.remove();
    }
  }

  private async undo(error: Error): Promise<never> {
    this.say("The restore failed; rolling back …");
    for (const name of this.stopped) this.docker.patiently(["stop", name]);
    // the database may have been restarted since
    this.account("grant");
    this.back();
    await this.start();
    endReplacing(this.namespace);
    throw new OperatorError(`nothing was restored: ${error.message}`, "the previous data are back, and the wiki runs");
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

  /** Whatever uses a volume that is restored, and the backup itself. */
  private stop(): void {
    const services = this.docker
      .labelled("container", `${LABEL.namespace}=${this.namespace}`)
      .map((name) => ({ name, state: this.docker.inspect(name) }))
      .filter(({ state }) => state?.Config.Labels[LABEL.kind] === "service");
    const uses = services.filter(({ state }) => state?.Mounts.some(({ Name = "" }) => this.worker.volumes.includes(Name)));
    this.stopped = uses.map(({ name }) => name).filter((name) => name !== containerName(this.namespace, "backup"));
    this.say(`Stops ${[...this.stopped, containerName(this.namespace, "backup")].join(", ")} …`);
    for (const name of [...this.stopped, containerName(this.namespace, "backup")]) halt(this.docker, name);
  }

  private async start(): Promise<void> {
    this.say(`Starts ${this.stopped.join(", ")} …`);
    for (const name of this.stopped) resume(this.docker, name);
    await untilHealthy(this.docker, this.stopped, HEALTHY_SECONDS);
    this.docker.output(["exec", containerName(this.namespace, "bookstack"), ...WIKI_STATUS]);
  }

  private requireDatabase(): void {
    const name = containerName(this.namespace, databaseService(this.environment));
    if (!isHealthy(this.docker, name)) {
      throw new OperatorError(`${name} is not running, and a restore needs a running database`, `npm run deploy -- ${this.namespace}`);
    }
  }
}
