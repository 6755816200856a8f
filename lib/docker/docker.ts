import { spawnSync } from "node:child_process";
import type { Environment } from "../environment/schema";
import { OperatorError } from "../operator-error";
import { Connection } from "./connection";
import { unreachable } from "./unreachable";

/** Milliseconds after which a Docker host that does not answer counts as absent. */
const PATIENCE = 20_000;
/** The same for what may have to bring an image first. */
const LONG_PATIENCE = 600_000;

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

  /** Names of what carries `label`, one kind at a time. */
  public labelled(kind: Kind, label: string): string[] {
    return this.names(kind, ["--filter", `label=${label}`]);
  }

  /** Names of all that is there, one kind at a time, as far as `filter` lets them through. */
  public names(kind: Kind, filter: readonly string[] = []): string[] {
    const list = kind === "container" ? ["ps", "--all"] : [kind, "ls"];
    const format = kind === "container" ? "{{.Names}}" : "{{.Name}}";
    return this.output([...list, ...filter, "--format", format])
      .split("\n")
      .filter((name) => name !== "");
  }

  private call(args: readonly string[], input?: string) {
    const { words, variables } = this.connection;
    return spawnSync("docker", [...words, ...args], {
      encoding: "utf8",
      input,
      env: variables,
      timeout: args[0] === "run" ? LONG_PATIENCE : PATIENCE,
      maxBuffer: 64 * 2 ** 20,
    });
  }
}
