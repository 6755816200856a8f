import { CONFIG_DIRECTORY } from "../../../constructs/database/mysql-config";
import { Docker } from "../../clients/docker/docker";
import { isHealthy, untilHealthy } from "../../clients/docker/health";
import type { Environment } from "../../environment/schema";
import { containerName } from "../../stack/names";

/** What a server says about its replication. */
export interface ReplicationStatus {
  readonly readOnly: 0 | 1;
  readonly following: 0 | 1 | null;
  readonly applying: 0 | 1 | null;
  readonly error: string | null;
  readonly applyError: string | null;
  /** Time up to which the data are complete. */
  readonly heartbeat: string | null;
  /** Seconds since then. */
  readonly behind: number | null;
  readonly unapplied: string | null;
}

/** The database of one of the two hosts. */
export class ReplicatedServer {
  public readonly container: string;
  private readonly docker: Docker;

  constructor(environment: Environment) {
    this.docker = new Docker(environment.docker);
    this.container = containerName(environment.name, "bookstack-db");
  }

  public runs(): boolean {
    return this.docker.inspect(this.container)?.State.Running === true;
  }

  /** One step of the script; what it prints. */
  public step(name: string, ...args: readonly string[]): string {
    return this.docker.patiently(["exec", this.container, "sh", `${CONFIG_DIRECTORY}/replication.sh`, name, ...args]).trim();
  }

  public status(): ReplicationStatus {
    return JSON.parse(this.step("status"));
  }

  public isHealthy(): boolean {
    return isHealthy(this.docker, this.container);
  }

  /** @throws OperatorError when it is not healthy within `seconds`. */
  public async healthy(seconds: number): Promise<void> {
    await untilHealthy(this.docker, [this.container], seconds);
  }
}
