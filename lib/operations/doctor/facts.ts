import type { Environment } from "../../environment/schema";
import type { Fact } from "./fact";
import type { RegistryAnswer } from "./facts/images";

/** What the Docker engine says of itself, as far as it is read here. */
export interface Engine {
  readonly ServerVersion: string;
  readonly Driver: string;
  readonly DriverStatus?: readonly (readonly [string, string])[] | null;
  readonly CgroupVersion?: string;
  readonly SecurityOptions?: readonly string[] | null;
  readonly Architecture: string;
  readonly MemTotal: number;
  readonly NCPU: number;
  readonly DockerRootDir: string;
  readonly HttpProxy?: string;
  readonly HttpsProxy?: string;
  readonly FirewallBackend?: { readonly Driver: string };
  readonly Warnings?: readonly string[] | null;
}

/** A container of the environment. */
export interface Seen {
  /** `service` keeps running, `job` runs once. */
  readonly kind: string;
  readonly running: boolean;
  readonly health: string | undefined;
  readonly exitCode: number;
  readonly oomKilled: boolean;
}

/** A port of the Docker host, and the container that publishes it. */
export interface Published {
  readonly address: string;
  readonly port: number;
  readonly container: string;
}

/** What the probe on the Docker host printed; a key that is not there was not seen. */
export type HostFacts = Readonly<Record<string, string>>;

/** What a name of the environment showed to this machine. */
export interface Address {
  readonly name: string;
  readonly addresses: Fact<readonly string[]>;
  /** Nothing where the server shows no certificate. */
  readonly certificate: Fact<Shown | undefined>;
}

/** A certificate, and what came with it. */
export interface Shown {
  /** Why it is not accepted for this name; nothing when it is. */
  readonly distrusted: string | undefined;
  readonly validTo: Date;
}

/** Everything that is known when causes are looked for; gathered once. */
export interface Facts {
  readonly environment: Environment;
  readonly now: Date;
  readonly engine: Fact<Engine>;
  readonly host: Fact<HostFacts>;
  /** Containers of the environment that the engine has, by name. */
  readonly containers: Fact<Readonly<Record<string, Seen>>>;
  /** Names of the services of the plan. */
  readonly services: readonly string[];
  /** Data volumes of the environment that the engine has. */
  readonly volumes: Fact<readonly string[]>;
  /** Every published TCP port of the engine. */
  readonly published: Fact<readonly Published[]>;
  /** Ids of the containers in Terraform's state; nothing when there is no state. */
  readonly state: Fact<readonly string[] | undefined>;
  /** Full ids of the environment's containers. */
  readonly ids: Fact<readonly string[]>;
  readonly addresses: readonly Address[];
  /** Image that has to be pulled → what its registry said. */
  readonly images: Fact<Readonly<Record<string, RegistryAnswer>>>;
  /** What the last set said when it was opened; empty when it opens. Nothing when there is none. */
  readonly lastSet: Fact<string | undefined>;
}

/** Whether anything of the environment is on the Docker host. */
export function isDeployed({ containers }: Facts): boolean {
  return "value" in containers && Object.keys(containers.value).length > 0;
}
