import { LABEL } from "../../../constructs/docker/labels";
import type { Docker } from "../../clients/docker/docker";

export interface FoundContainer {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly State: { readonly Running: boolean; readonly Restarting: boolean; readonly Status: string; readonly ExitCode: number };
  readonly Config: { readonly Env: readonly string[] | null; readonly Labels: Labels };
  readonly HostConfig: { readonly CpuPeriod: number; readonly CpuQuota: number; readonly CgroupParent: string };
  readonly Mounts: readonly { readonly Type: string; readonly Name?: string; readonly Destination: string; readonly RW: boolean }[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, FoundAttachment>> };
}

export interface FoundAttachment {
  readonly NetworkID: string;
  readonly Aliases: readonly string[] | null;
  readonly IPAMConfig: { readonly IPv4Address?: string; readonly IPv6Address?: string } | null;
}

export interface FoundNetwork {
  readonly Id: string;
  readonly Name: string;
  readonly Labels: Labels;
}

export interface FoundVolume {
  readonly Name: string;
  readonly Mountpoint: string;
  readonly Labels: Labels;
}

type Labels = Readonly<Record<string, string>> | null;
type Kind = "container" | "network" | "volume";

/** What a Docker host has, of the names that an environment uses. */
export class Engine {
  private readonly variables = new Map<string, readonly string[]>();
  private readonly known = new Map<Kind, readonly unknown[]>();

  constructor(
    private readonly docker: Docker,
    private readonly namespace: string,
  ) {}

  public containers(): ReadonlyMap<string, FoundContainer> {
    return new Map(this.all<FoundContainer>("container").map((found) => [found.Name.replace(/^\//, ""), found]));
  }

  public networks(): ReadonlyMap<string, FoundNetwork> {
    return new Map(this.all<FoundNetwork>("network").map((found) => [found.Name, found]));
  }

  public volumes(): ReadonlyMap<string, FoundVolume> {
    return new Map(this.all<FoundVolume>("volume").map((found) => [found.Name, found]));
  }

  /** Id of an image; nothing when the engine has none of that name. */
  public image(name: string): string | undefined {
    return this.docker.imageId(name);
  }

  /** Variables that an image sets itself. */
  public imageVariables(id: string): readonly string[] {
    const known = this.variables.get(id);
    if (known !== undefined) return known;
    const variables: string[] = JSON.parse(this.docker.output(["image", "inspect", "--format", "{{json .Config.Env}}", id])) ?? [];
    this.variables.set(id, variables);
    return variables;
  }

  /** Copies a directory of a container, which need not run, to `target` on this machine. */
  public copy(container: string, directory: string, target: string): void {
    this.docker.output(["cp", `${container}:${directory}/.`, target]);
  }

  /** Whatever carries the name of the environment as its label, or as the start of its name; nothing of it changes meanwhile. */
  private all<Found>(kind: Kind): readonly Found[] {
    const found = this.known.get(kind) ?? this.ask(kind);
    this.known.set(kind, found);
    return found as readonly Found[];
  }

  private ask(kind: Kind): unknown[] {
    const own = new Set([
      ...this.docker.labelled(kind, `${LABEL.namespace}=${this.namespace}`),
      ...this.docker.names(kind, ["--filter", `name=${this.namespace}-`]),
    ]);
    return own.size === 0 ? [] : JSON.parse(this.docker.output(["inspect", `--type=${kind}`, ...own]));
  }
}
