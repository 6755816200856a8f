import { spawnSync } from "node:child_process";
import { assetText } from "../../../constructs/core/asset";
import { OperatorError } from "../../system/operator-error";
import { pipe, type Readable } from "./pipeline";
import { appKey } from "./source";

/** The database of a container of MySQL or MariaDB that runs on the Docker engine of this machine. */
export class DatabaseContainer implements Readable {
  public readonly path: string;

  constructor(
    private readonly name: string,
    public readonly option: string,
  ) {
    this.path = `container:${name}`;
  }

  public problems(): OperatorError[] {
    if (spawnSync("docker", ["exec", this.name, "true"]).status === 0) return [];
    return [new OperatorError(`${this.option} ${this.path}: there is no such container, or it does not run`, "docker ps --all   # lists them")];
  }

  public bytes(): undefined {
    return undefined;
  }

  public async send(argv: readonly string[], variables: NodeJS.ProcessEnv): Promise<void> {
    await pipe([["docker", "exec", this.name, "sh", "-c", assetText("database/assets/dump-container.sh")], argv], variables, this);
  }
}

/** Directory in a container of BookStack, sent as a tar archive. */
class ContainerDirectory implements Readable {
  public readonly option = "--from";
  public readonly path: string;

  constructor(
    private readonly name: string,
    private readonly directory: string,
  ) {
    this.path = `container:${name}:${directory}`;
  }

  public problems(): OperatorError[] {
    return [];
  }

  public bytes(): undefined {
    return undefined;
  }

  public async send(argv: readonly string[], variables: NodeJS.ProcessEnv): Promise<void> {
    await pipe([["docker", "cp", "--follow-link", `${this.name}:${this.directory}`, "-"], argv], variables, this);
  }
}

/** What a container of BookStack has. */
export interface WikiContainer {
  /** Its uploads, each with the path below which it is unpacked. */
  readonly uploads: readonly (readonly [source: Readable, below: string])[];
  /** Its APP_KEY, if it says one. */
  readonly key: string | undefined;
}

/** @throws OperatorError when it does not run, or is none of BookStack. */
export function wikiContainer(name: string): WikiContainer {
  const inspected = spawnSync("docker", ["container", "inspect", "--format", "{{json .Config.Env}}", name], { encoding: "utf8" });
  if (inspected.status !== 0) throw new OperatorError(`--from container:${name}: there is no such container`, "docker ps --all   # lists them");
  const has = (path: string) => spawnSync("docker", ["exec", name, "test", "-e", path]).status === 0;
  const linuxserver = has("/config/www/uploads");
  const root = linuxserver ? "/config/www" : ["/var/www/bookstack", "/app/www"].find((path) => has(`${path}/storage/uploads`));
  if (root === undefined) {
    throw new OperatorError(
      `--from container:${name} does not run, or has no BookStack`,
      "start it, or give --uploads and --app-key-file as files of this machine",
    );
  }
  const parts: readonly (readonly [path: string, below: string])[] = linuxserver
    ? ["uploads", "files", "images"].map((part) => [`${root}/${part}`, "."] as const).filter(([path]) => has(path))
    : ["public", "storage"].map((part) => [`${root}/${part}/uploads`, part] as const);
  const env = (JSON.parse(inspected.stdout) as string[]).join("\n");
  const file = spawnSync("docker", ["exec", name, "cat", `${root}/.env`], { encoding: "utf8" }).stdout;
  return { uploads: parts.map(([path, below]) => [new ContainerDirectory(name, path), below] as const), key: appKey(file) ?? appKey(env) };
}
