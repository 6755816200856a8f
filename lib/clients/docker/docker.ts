import { spawnSync } from "node:child_process";
import { LABEL } from "../../../constructs/docker/labels";
import type { Environment } from "../../environment/schema";
import { linesOf } from "../../system/lines";
import { OperatorError } from "../../system/operator-error";
import { Connection } from "./connection";
import { noteOtherChoice } from "./shell-choice";
import { unreachable } from "./unreachable";

/** Milliseconds after which a Docker host that does not answer counts as absent. */
const PATIENCE = 20_000;
/** The same for commands that may have to pull an image first, or run a program to its end. */
const LONG_PATIENCE = 600_000;

export interface Patience {
  /** What the command reads: a text, or an open file. */
  readonly input?: string | number;
  /** Whether its output goes to the terminal as well. */
  readonly show?: boolean;
  /** Whether what goes wrong is part of the error, and not on the terminal. */
  readonly quiet?: boolean;
}

/** As much of what the engine says about a container as is read here. */
export interface ContainerState {
  readonly Image: string;
  readonly State: { readonly Running: boolean; readonly Health?: { readonly Status: string } };
  readonly Config: { readonly Env: readonly string[]; readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: { readonly Memory: number; readonly ExtraHosts: readonly string[] | null };
  readonly Mounts: readonly {
    readonly Type: string;
    /** Of a volume. */
    readonly Name?: string;
    /** Path of the Docker host. */
    readonly Source?: string;
    readonly Destination: string;
    readonly RW: boolean;
  }[];
}

/** Filter for containers that run. */
export const RUNNING = ["--filter", "status=running"] as const;

type Kind = "container" | "volume" | "network";

/** The Docker host of an environment, through the `docker` command. */
export class Docker {
  private readonly connection: Connection;

  constructor(private readonly place: Environment["docker"]) {
    this.connection = Connection.to(place);
  }

  /**
   * Makes sure that the command is there and the host answers.
   *
   * @throws OperatorError that says what is missing and how to get it.
   */
  public require(): void {
    noteOtherChoice(this.place);
    const { error, status, stderr } = this.call(["version", "--format", "{{.Server.Version}}"]);
    if (error && "code" in error && error.code === "ENOENT") {
      throw new OperatorError("the docker command is missing", "install Docker Engine: https://docs.docker.com/engine/install/");
    }
    if (status !== 0) throw unreachable(this.place, stderr);
  }

  /**
   * What a `docker` command prints; `input` is what it reads, the place for what must not be an argument.
   *
   * @throws OperatorError when it fails.
   */
  public output(args: readonly string[], input?: string): string {
    const { status, stdout, stderr } = this.call(args, input);
    if (status !== 0) throw new OperatorError(`docker ${args[0]} failed: ${stderr.trim()}`, `docker -H ${this.place.host} ${args.join(" ")}`);
    return stdout;
  }

  /**
   * The same for what takes as long as it takes; what goes wrong is shown as it happens.
   *
   * @throws OperatorError when it fails.
   */
  public patiently(args: readonly string[], { input, show = false, quiet = false }: Patience = {}): string {
    const stdin = typeof input === "number" ? input : input === undefined ? "ignore" : "pipe";
    const { status, stdout, stderr } = spawnSync("docker", [...this.connection.args, ...args], {
      encoding: "utf8",
      env: this.connection.variables,
      input: typeof input === "string" ? input : undefined,
      stdio: [stdin, show ? "inherit" : "pipe", quiet ? "pipe" : "inherit"],
      maxBuffer: 64 * 2 ** 20,
    });
    if (status !== 0) {
      const output = quiet ? `: ${stderr.trim()}` : "; its output is above";
      throw new OperatorError(`docker ${args[0]} ended with exit code ${status}${output}`, "fix the cause, then run the command again");
    }
    return stdout ?? "";
  }

  /** Arguments and environment of a `docker` command, for a caller that connects its input to another program. */
  public invocation(args: readonly string[]): { readonly argv: readonly string[]; readonly variables: NodeJS.ProcessEnv } {
    return { argv: ["docker", ...this.connection.args, ...args], variables: this.connection.variables };
  }

  /** Host name of the machine that the engine runs on; nothing when none answers. */
  public machine(): string | undefined {
    const { status, stdout } = this.call(["info", "--format", "{{.Name}}"]);
    return status === 0 && stdout.trim() !== "" ? stdout.trim() : undefined;
  }

  /** What the engine knows of a container; nothing when there is none of that name. */
  public inspect(container: string): ContainerState | undefined {
    const { status, stdout } = this.call(["container", "inspect", container]);
    return status === 0 ? (JSON.parse(stdout)[0] as ContainerState) : undefined;
  }

  /** Id of the image of that name; nothing when the engine has none. */
  public imageId(name: string): string | undefined {
    const { status, stdout } = this.call(["image", "inspect", "--format", "{{.Id}}", name]);
    return status === 0 ? stdout.trim() : undefined;
  }

  /** Name by which the image of that id can be named again: its tag, or its digest where it was pulled by that. */
  public imageName(id: string): string | undefined {
    const { status, stdout } = this.call(["image", "inspect", "--format", "{{json .RepoTags}}{{json .RepoDigests}}", id]);
    return status === 0 ? /"([^"]+)"/.exec(stdout)?.[1] : undefined;
  }

  /** The last log line of a container; nothing if there is none, or no such container. */
  public lastLine(container: string): string | undefined {
    const { status, stdout, stderr } = this.call(["logs", "--tail", "1", container]);
    return status === 0 ? linesOf(`${stdout}\n${stderr}`).at(-1) : undefined;
  }

  /** Exit code and whole output of a command that may fail; with `input`, which it reads, it may take as long as a program that runs to its end. */
  public attempt(args: readonly string[], input?: string): { status: number; output: string } {
    const { status, stdout, stderr } = this.call(args, input, input === undefined ? undefined : LONG_PATIENCE);
    return { status: status ?? 1, output: `${stdout}${stderr}` };
  }

  /** Whether the engine answers within `seconds`. Docker goes on waiting for a host that is lost when it is only asked to end. */
  public answers(seconds: number): boolean {
    const { args, variables } = this.connection;
    const version = [...args, "version", "--format", "{{.Server.Version}}"];
    return spawnSync("docker", version, { env: variables, stdio: "ignore", timeout: seconds * 1000, killSignal: "SIGKILL" }).status === 0;
  }

  /** Names of what carries `label`, one kind at a time. */
  public labelled(kind: Kind, label: string): string[] {
    return this.names(kind, ["--filter", `label=${label}`]);
  }

  /** Names of the containers of an environment that are services, running or not, as far as `filter` lets them through. */
  public services(environment: string, filter: readonly string[] = []): string[] {
    return this.names("container", ["--filter", `label=${LABEL.namespace}=${environment}`, "--filter", `label=${LABEL.kind}=service`, ...filter]);
  }

  /** Full ids and names of containers, running or not, or of networks, as far as `filter` lets them through. */
  public identified(kind: "container" | "network", filter: readonly string[]): { id: string; name: string }[] {
    return this.list(kind, ["--no-trunc", ...filter], (name) => `{{.ID}} ${name}`).map((line) => {
      const [id = "", name = ""] = line.split(" ");
      return { id, name };
    });
  }

  /** Names of all that is there, one kind at a time, as far as `filter` lets them through. */
  public names(kind: Kind, filter: readonly string[] = []): string[] {
    return this.list(kind, filter, (name) => name);
  }

  /** One line for each that is there; `format` gets Docker's expression for its name. */
  private list(kind: Kind, options: readonly string[], format: (name: string) => string): string[] {
    const [command, name] = kind === "container" ? [["ps", "--all"], "{{.Names}}"] : [[kind, "ls"], "{{.Name}}"];
    return linesOf(this.output([...command, ...options, "--format", format(name)]));
  }

  private call(args: readonly string[], input?: string, patience?: number) {
    const { args: options, variables } = this.connection;
    return spawnSync("docker", [...options, ...args], {
      encoding: "utf8",
      input,
      env: variables,
      timeout: patience ?? (["run", "start", "restart", "build"].includes(args[0] ?? "") ? LONG_PATIENCE : PATIENCE),
      maxBuffer: 64 * 2 ** 20,
    });
  }
}
