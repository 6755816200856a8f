import { CONFIG_DIRECTORY } from "../../../constructs/backup/backup-config";
import { type ContainerState, Docker } from "../../clients/docker/docker";
import type { Environment } from "../../environment/schema";
import { containerName } from "../../stack/names";
import { OperatorError } from "../../system/operator-error";

/** The container that makes backups, through its scripts. */
export class BackupContainer {
  public readonly docker: Docker;
  public readonly name: string;

  constructor(private readonly environment: Environment) {
    this.docker = new Docker(environment.docker);
    this.name = containerName(environment.name, "backup");
  }

  /**
   * Makes sure that it runs.
   *
   * @throws OperatorError when it does not.
   */
  public require(): ContainerState {
    this.docker.require();
    const state = this.docker.inspect(this.name);
    if (state?.State.Running) return state;
    const { name } = this.environment;
    if (state) throw new OperatorError(`${this.name} is stopped`, `docker start ${this.name}, or npm run deploy -- ${name}`);
    throw new OperatorError(`${name} has no backup yet`, `npm run deploy -- ${name}`);
  }

  /** Runs a script to its end, shows what it says, and gives nothing back. */
  public run(script: string, ...args: readonly string[]): void {
    this.docker.patiently(["exec", this.name, "sh", `${CONFIG_DIRECTORY}/${script}`, ...args], { show: true });
  }

  /**
   * What a script prints that answers at once; why it failed is in the error alone.
   *
   * @throws OperatorError when it fails.
   */
  public quietly(script: string, ...args: readonly string[]): string {
    return this.docker.output(["exec", this.name, "sh", `${CONFIG_DIRECTORY}/${script}`, ...args]);
  }

  /** What a script prints. */
  public read(script: string, ...args: readonly string[]): string {
    return this.docker.patiently(["exec", this.name, "sh", `${CONFIG_DIRECTORY}/${script}`, ...args]);
  }
}
