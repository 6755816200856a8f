import { resourceName } from "../../../constructs/docker/resource-name";
import type { PlannedContainer } from "../../../constructs/policy";
import type { Environment } from "../../environment/schema";
import type { HostCheck } from "../host/checks";

/** A container of the plan. */
export type Planned = Omit<PlannedContainer, "construct">;

/** An answer of a web server, as far as a check looks at it. */
export interface Answer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a server showed before anything was asked of it. */
export interface Handshake {
  readonly protocol: string;
  /** Why the certificate is not accepted for this name; nothing when it is. */
  readonly distrusted: string | undefined;
  readonly validTo: Date;
}

/** The reverse proxy as seen from the internet. */
export interface ExternalProbe {
  /** Asks for exactly this URL, without following redirects. */
  ask(url: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<Answer>;
  /** Shakes hands by TLS of one version and no other; nothing when the server refuses. */
  shakeHands(url: string, version: "TLSv1.2" | "TLSv1.3"): Promise<Handshake | undefined>;
  /** Whether a TCP port answers, at the address of the names or at another. */
  reaches(port: number, address?: string): Promise<boolean>;
  /** Addresses of a name; none if the name does not exist. */
  resolve(hostName: string, family: 4 | 6): Promise<string[]>;
  /** When the certificates end by which a Docker host over TLS and this machine know each other, by what they are; none where it shows none. */
  dockerCertificates(): Promise<Readonly<Record<string, Date>>>;
}

/** A container as the engine has it: what `docker inspect` prints, as far as it is read here. */
export interface Inspected {
  readonly Name: string;
  readonly Image: string;
  readonly Created: string;
  readonly State: { readonly Running: boolean; readonly Health?: { readonly Status: string } };
  readonly Config: { readonly User: string };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly Privileged: boolean;
    readonly CapAdd: readonly string[] | null;
    readonly CapDrop: readonly string[] | null;
    readonly SecurityOpt: readonly string[] | null;
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly CpuQuota: number;
    readonly CpuPeriod: number;
    readonly NetworkMode: string;
    readonly PidMode: string;
    readonly RestartPolicy: { readonly Name: string };
    readonly PortBindings: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>> | null;
  };
  readonly Mounts: readonly { readonly Type: string; readonly Name?: string; readonly Source?: string; readonly Destination: string; readonly RW: boolean }[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}

/** The engine, as its operator sees it. */
export interface DockerProbe {
  /** Everything that the engine has of these containers; one that is not there is left out. */
  inspect(containers: readonly string[]): Promise<readonly Inspected[]>;
  /** Names of the networks that have no way out. */
  internalNetworks(): Promise<readonly string[]>;
  /** Runs a command in a container that runs, and gives what it prints. */
  exec(container: string, args: readonly string[]): Promise<string>;
  /** Runs the probe with `words` on a network, or where a container is (`container:<name>`), and gives what it says. */
  probe(place: ProbeNetwork, args: readonly string[]): Promise<unknown>;
  /** Files of the host below a directory, by name; nothing when the directory is not there. */
  hostFiles(directory: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** A separate network, with `container` at `address` while `action` runs. */
  onNetwork<T>(container: string, subnet: string, address: string, action: (network: string) => Promise<T>): Promise<T>;
}

export interface ProbeNetwork {
  readonly network: string;
  readonly ip?: string;
}

/** What the monitoring has to read and to evaluate. */
export interface Watched {
  /** Jobs of Prometheus. */
  readonly jobs: readonly string[];
  /** Names of alerts. */
  readonly alerts: readonly string[];
}

/** What is verified, and the ways to look at it. */
export interface Target {
  readonly environment: Environment;
  /** What people open → `https://…`. */
  readonly urls: Readonly<Record<string, string>>;
  /** Host name → paths without login; one that ends with `/` includes all below it. */
  readonly openPaths: Readonly<Record<string, readonly string[]>>;
  /** Services of the plan: the containers that keep running. */
  readonly services: readonly Planned[];
  /** Nothing where the environment has no monitoring. */
  readonly watched?: Watched;
  readonly outside: ExternalProbe;
  readonly inside: DockerProbe;
  /** Checks every host part for drift; none without a hardened host. */
  hostChecks(): readonly HostCheck[];
  /** The time it is. */
  now(): Date;
}

/** Name of a container, network or volume of the environment. */
export function nameIn({ environment }: Target, service: string): string {
  return resourceName(environment.name, service);
}

/** Whether the plan has a service of this name. */
export function hasService({ services }: Target, service: string): boolean {
  return services.some((planned) => planned.service === service);
}
