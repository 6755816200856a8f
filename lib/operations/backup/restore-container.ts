import { SCRATCH_DIRECTORY, SOURCES_DIRECTORY } from "../../../constructs/backup/backup-config";
import { LABEL } from "../../../constructs/docker/labels";
import { resourceName } from "../../../constructs/docker/resource-name";
import type { ContainerState, Docker } from "../../clients/docker/docker";
import { HARDENED } from "../../clients/docker/hardened";
import { networkName, volumeName } from "../../stack/names";
import { linesOf } from "../../system/lines";
import { OperatorError } from "../../system/operator-error";

/** The script of the backup's configuration that takes the steps. */
const SCRIPT = "/etc/backup/restore.sh";
/** Variables copied from the backup container: none of them is a secret. */
const VARIABLES = /^(BACKUP|DB|BOOKSTACK)_/;

/** A container for the time of a restore: that of the backup, but for its way out and for the volumes, which it may write to. */
export class RestoreContainer {
  private readonly name: string;

  constructor(
    private readonly docker: Docker,
    private readonly namespace: string,
    private readonly backup: ContainerState,
  ) {
    this.name = resourceName(namespace, "restore");
  }

  /**
   * Starts it; it is idle until a step is executed.
   *
   * @throws OperatorError when there is one already.
   */
  public start(): void {
    if (this.docker.inspect(this.name)) {
      throw new OperatorError("another restore is running, or was killed", `wait until it ends; if it was killed: docker rm --force --volumes ${this.name}`);
    }
    const { Image, Config, HostConfig, Mounts } = this.backup;
    const hardening = [...HARDENED, "--init", "--user=0:0", "--cap-add=SETUID", "--cap-add=SETGID"];
    const memory = ["--tmpfs=/run:rw,noexec,nosuid,nodev,size=16m,mode=0755", "--tmpfs=/tmp:rw,noexec,nosuid,nodev,size=16m,mode=1777"];
    this.docker.output([
      "run",
      "--detach",
      "--rm",
      `--name=${this.name}`,
      `--label=${LABEL.namespace}=${this.namespace}`,
      "--log-driver=none",
      ...hardening,
      ...memory,
      `--memory=${HostConfig.Memory}`,
      `--memory-swap=${HostConfig.Memory}`,
      `--network=${networkName(this.namespace, "database")}`,
      ...(HostConfig.ExtraHosts ?? []).map((host) => `--add-host=${host}`),
      ...Config.Env.filter((line) => VARIABLES.test(line)).map((line) => `--env=${line}`),
      ...Mounts.flatMap(mountOf),
      "--entrypoint=sleep",
      Image,
      "infinity",
    ]);
  }

  /** One step of the script. */
  public step(name: string, { input, set = "" }: { readonly input?: string; readonly set?: string } = {}): void {
    const args = ["exec", ...(input === undefined ? [] : ["--interactive"]), this.name, "sh", SCRIPT, name, set];
    this.docker.patiently(args, { input, show: true });
  }

  /** What a step of the script prints. */
  public ask(step: string): string {
    return this.docker.output(["exec", this.name, "sh", SCRIPT, step]).trim();
  }

  /** Arguments of `docker` that run a script, given as text, within it; the script reads standard input. */
  public execArgs(script: string, ...args: readonly string[]): string[] {
    return ["exec", "--interactive", this.name, "sh", "-c", script, "sh", ...args];
  }

  /** Runs a script, given as text, to its end; what it prints. */
  public script(script: string, args: readonly string[], input = ""): string {
    return this.docker.patiently(this.execArgs(script, ...args), { input });
  }

  /** Runs a script of the secrets' store, with the opened set beside it; what it prints, line by line. */
  public secrets(script: string, step: string): string[] {
    const store = `--mount=type=volume,source=${volumeName(this.namespace, "secrets")},target=/store`;
    const hardening = ["--network=none", "--read-only", "--user=0:0", "--cap-drop=ALL", "--log-driver=none"];
    const set = `--mount=type=volume,source=${this.scratch},target=/scratch,readonly`;
    const args = [
      "run",
      "--rm",
      "--interactive",
      ...hardening,
      store,
      set,
      "--entrypoint=sh",
      this.backup.Image,
      "-s",
      step,
      "/store",
      "/scratch/open/secrets",
    ];
    return linesOf(this.docker.output(args, script));
  }

  /** Name of the volume in which sets are opened. */
  public get scratch(): string {
    return this.backup.Mounts.find(({ Destination }) => Destination === SCRATCH_DIRECTORY)?.Name ?? "";
  }

  /** Volumes that it may change, by name. */
  public get volumes(): string[] {
    return this.backup.Mounts.flatMap(({ Name, Destination }) => (Name !== undefined && Destination.startsWith(`${SOURCES_DIRECTORY}/`) ? [Name] : []));
  }

  /** Takes along the nameless volume that its image declares. */
  public remove(): void {
    removeRestoreContainer(this.docker, this.namespace);
  }
}

/** Removes the container of a restore, if there is one, with what runs in it. */
export function removeRestoreContainer(docker: Docker, environment: string): void {
  const name = resourceName(environment, "restore");
  if (docker.inspect(name)) docker.output(["rm", "--force", "--volumes", name]);
}

/** The same mounts, none of them writable. */
export function readOnlyMounts(mounts: ContainerState["Mounts"]): string[] {
  return mounts.map((mount) => ({ ...mount, RW: false })).flatMap(mountOf);
}

/** The same mount: what is restored may be written to. On a hardened host secrets are a directory of the host, elsewhere a volume. */
function mountOf({ Type, Name, Source, Destination, RW }: ContainerState["Mounts"][number]): string[] {
  if (Type !== "volume" && Type !== "bind") return [];
  const writable = RW || Destination.startsWith(`${SOURCES_DIRECTORY}/`);
  return [`--mount=type=${Type},source=${Type === "volume" ? Name : Source},target=${Destination}${writable ? "" : ",readonly"}`];
}
