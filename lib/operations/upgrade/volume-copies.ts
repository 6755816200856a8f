import { LABEL } from "../../../constructs/docker/labels";
import { resourceName } from "../../../constructs/docker/resource-name";
import type { Docker } from "../../clients/docker/docker";
import { halt } from "../../clients/docker/halt";
import { HARDENED } from "../../clients/docker/hardened";
import { type ContainerName, containerName, type VolumeName, volumeName } from "../../stack/names";
import { linesOf } from "../../system/lines";
import { OperatorError } from "../../system/operator-error";
import type { ImageChange, RunningImage } from "./images";
import { startStopped } from "./services";

/** A volume that is copied while the service that writes it is stopped. */
export interface CopiedVolume {
  readonly container: string;
  readonly volume: string;
}

/** Service → volume whose content a newer version converts, so that the previous one cannot read it any more. */
const CONVERTED: readonly (readonly [ContainerName, VolumeName])[] = [
  ["bookstack-db", "database"],
  ["authelia", "authelia"],
  ["crowdsec", "crowdsec"],
  ["grafana", "grafana"],
];
const DATABASE: ContainerName = "bookstack-db";
/** Seconds that MySQL may take to flush its memory. */
const STOP_SECONDS = 120;
/** Share of the source that has to be free beside it. */
const SPARE = 1.1;

/** Volumes that an upgrade may convert. */
export function convertedVolumes(environment: string, changes: readonly ImageChange[], migrations: readonly string[]): CopiedVolume[] {
  const services = new Set([...changes.map(({ service }) => service), ...(migrations.length > 0 ? [DATABASE] : [])]);
  return CONVERTED.filter(([service]) => services.has(service)).map(([service, volume]) => ({
    container: containerName(environment, service),
    volume: volumeName(environment, volume),
  }));
}

/** Copies of volumes, on the same engine, for the time of an upgrade. */
export class VolumeCopies {
  /** Copies made with an image that ran before: that of the database, or of the wiki where the database is on another server. */
  public static with(before: Readonly<Record<string, RunningImage>>, docker: Docker, environment: string, volumes: readonly CopiedVolume[]): VolumeCopies {
    const image = before[containerName(environment, DATABASE)] ?? before[containerName(environment, "bookstack")];
    return new VolumeCopies(docker, environment, image?.id ?? "", volumes);
  }

  constructor(
    private readonly docker: Docker,
    private readonly environment: string,
    /** Id of an image with a shell and `cp`. */
    private readonly image: string,
    private readonly volumes: readonly CopiedVolume[],
  ) {}

  /** @throws OperatorError when the Docker host has too little space for them and `more` bytes; nothing is stopped for that. */
  public requireSpace(more: number): void {
    if (this.volumes.length === 0) return;
    const found = this.volumes.map(({ volume }) => this.measure(volume));
    const wanted = Math.ceil(found.reduce((sum, { used }) => sum + used, more) * SPARE);
    const free = Math.min(...found.map((one) => one.free));
    if (wanted <= free) return;
    throw new OperatorError(
      `the Docker host has ${mebibytes(free)} free, and the upgrade copies ${this.volumes.map(({ volume }) => volume).join(", ")} and needs ${mebibytes(wanted)}; nothing was changed`,
      "free or add disk space, then upgrade again",
    );
  }

  /** Starts services that a killed upgrade left stopped: Terraform removes a stopped container, which then cannot be started any more. */
  public async startStopped(): Promise<void> {
    this.endLeftover();
    await startStopped(this.docker, this.containers());
  }

  /** Stops the services and copies their volumes; the database runs again afterwards. */
  public async take(): Promise<void> {
    for (const { container } of this.volumes) if (this.docker.inspect(container)?.State.Running) halt(this.docker, container);
    try {
      for (const { volume } of this.volumes) {
        this.docker.output(["volume", "create", ...this.labels(), copyOf(volume)]);
        this.copy(volume, copyOf(volume));
      }
    } catch (error) {
      // a part of a copy is of no use, and a full disk needs its space
      this.remove();
      await startStopped(this.docker, this.containers());
      throw error;
    }
    await startStopped(
      this.docker,
      this.containers().filter((container) => container === containerName(this.environment, DATABASE)),
    );
  }

  /** Removes every container that uses one of the volumes, and puts the copies into their place; as often as one likes. */
  public back(): void {
    for (const { volume } of this.volumes) {
      const users = this.docker.names("container", ["--filter", `volume=${volume}`]);
      for (const name of users) {
        this.docker.patiently(["stop", `--time=${STOP_SECONDS}`, name]);
        this.docker.output(["rm", "--force", "--volumes", name]);
      }
      this.copy(copyOf(volume), volume);
    }
  }

  public remove(): void {
    const there = this.docker.names("volume");
    for (const { volume } of this.volumes) if (there.includes(copyOf(volume))) this.docker.output(["volume", "rm", copyOf(volume)]);
  }

  private containers(): string[] {
    return this.volumes.map(({ container }) => container);
  }

  private get helper(): string {
    return resourceName(this.environment, "upgrade-copy");
  }

  /** A killed command leaves a container that goes on copying. */
  private endLeftover(): void {
    if (this.docker.inspect(this.helper)) this.docker.output(["rm", "--force", "--volumes", this.helper]);
  }

  private copy(from: string, to: string): void {
    this.endLeftover();
    try {
      this.docker.patiently(this.args(from, to, "find /to -mindepth 1 -delete && cp -a /from/. /to/ && sync"));
    } catch {
      throw new OperatorError(`${from} could not be copied to ${to}; the cause is above`, "is the disk of the Docker host full?");
    }
  }

  private measure(volume: string): { used: number; free: number } {
    const [used = "", free = ""] = linesOf(
      this.docker.output(this.args(volume, undefined, "du -sk /from | cut -f 1 && df -Pk /from | awk 'NR == 2 { print $4 }'")),
    );
    return { used: Number(used) * 1024, free: Number(free) * 1024 };
  }

  private args(from: string, to: string | undefined, script: string): string[] {
    const capabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER"].map((name) => `--cap-add=${name}`);
    return [
      "run",
      "--rm",
      `--name=${this.helper}`,
      ...this.labels(false),
      ...HARDENED,
      ...capabilities,
      "--network=none",
      "--user=0:0",
      "--pull=never",
      `--mount=type=volume,source=${from},target=/from,readonly`,
      ...(to === undefined ? [] : [`--mount=type=volume,source=${to},target=/to`]),
      "--entrypoint=sh",
      this.image,
      "-c",
      script,
    ];
  }

  /** Data: a destroy keeps it, until the data are deleted as well. */
  private labels(kind = true): string[] {
    return [`--label=${LABEL.namespace}=${this.environment}`, ...(kind ? [`--label=${LABEL.kind}=data`] : [])];
  }
}

function copyOf(volume: string): string {
  return `${volume}-before-upgrade`;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
