import { assetText } from "../../../constructs/core/asset";
import type { Docker } from "../../clients/docker/docker";
import type { Environment } from "../../environment/schema";
import type { ContainerName } from "../../stack/names";
import { HostSecrets } from "../secrets/host-secrets";
import type { RestoreContainer } from "./restore-container";

/** Replaces stored secrets by those of a restored set; services get them before they start. */
export interface SecretExchange {
  /** Puts in those of the opened set that differ; their names. */
  put(): string[];
  /** Puts back what was there, as often as one likes; their names. */
  back(): string[];
  /** Forgets what was there. */
  forget(): void;
}

const SCRIPT = "secrets/assets/exchange-secrets.sh";
/** Hands secrets over. */
const JOB = "secrets";

/** Where they are kept in a volume. */
export class VolumeExchange implements SecretExchange {
  constructor(
    private readonly worker: RestoreContainer,
    private readonly repeat: (job: ContainerName) => void,
  ) {}

  public put(): string[] {
    return this.exchange("put");
  }

  public back(): string[] {
    return this.exchange("back");
  }

  public forget(): void {
    this.worker.secrets(assetText(SCRIPT), "forget");
  }

  private exchange(step: "put" | "back"): string[] {
    const changed = this.worker.secrets(assetText(SCRIPT), step);
    if (changed.length > 0) this.repeat(JOB);
    return changed;
  }
}

/** Where the host keeps them, sealed. */
export class HostExchange implements SecretExchange {
  private readonly secrets: HostSecrets;

  constructor(
    environment: Environment,
    private readonly docker: Docker,
    /** Name of the volume in which the set was opened. */
    private readonly scratch: string,
  ) {
    this.secrets = new HostSecrets(environment);
  }

  public put(): string[] {
    const place = this.docker.output(["volume", "inspect", "--format", "{{.Mountpoint}}", this.scratch]).trim();
    return this.secrets.exchange("put", `${place}/open/secrets`);
  }

  public back(): string[] {
    return this.secrets.exchange("back");
  }

  public forget(): void {
    this.secrets.exchange("forget");
  }
}
