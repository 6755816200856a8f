import { spawn, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { OperatorError } from "../../system/operator-error";
import { withoutDockers } from "../docker/connection";
import type { Plan } from "./plan";
import type { ProviderSchemas } from "./provider-schemas";
import type { State } from "./state";

/** One line of Terraform's machine-readable output, as far as it is used here. */
export interface TerraformEvent {
  readonly type: string;
  readonly "@message": string;
  readonly hook?: { readonly resource?: { readonly addr: string }; readonly action?: string; readonly elapsed_seconds?: number; readonly output?: string };
  /** What a plan would do. */
  readonly change?: { readonly resource: { readonly addr: string }; readonly action: string };
  readonly diagnostic?: { readonly severity: "error" | "warning"; readonly summary: string; readonly detail?: string; readonly address?: string };
}

/** What is called with each event of a run. */
export type EventListener = (event: TerraformEvent) => void;

const BINARIES = ["terraform", "tofu"] as const;
/** Registry from which each of the tools takes a provider whose source names none. */
export const REGISTRIES = { terraform: "registry.terraform.io", opentofu: "registry.opentofu.org" } as const;
/** What `init` says when the lock file has hashes of another version. */
const OTHER_VERSION_LOCKED = /does not match configured version constraint/;
/** Variables of each call: no questions, no call home, and no advice that names commands of the bare tool. */
export const ENVIRONMENT = { TF_IN_AUTOMATION: "1", TF_INPUT: "0", CHECKPOINT_DISABLE: "1" };

/** Exit code of a plan that would change something. */
export const CHANGES = 2;

/** Terraform or OpenTofu, in the directory of one stack. */
export class Terraform {
  /**
   * The program `chosen`, or the first of `terraform` and `tofu` that is there when none is chosen.
   *
   * @throws OperatorError when there is none.
   */
  public static find(directory: string, chosen?: string): Terraform {
    for (const binary of chosen === undefined ? BINARIES : [chosen]) {
      const { status, stdout } = spawnSync(binary, ["version"], { encoding: "utf8", env: { ...process.env, ...ENVIRONMENT } });
      if (status === 0) return new Terraform(binary, directory, /^OpenTofu v/m.test(stdout) ? REGISTRIES.opentofu : REGISTRIES.terraform);
    }
    if (chosen !== undefined) throw new OperatorError(`${chosen} cannot be run`, "install it, or change the key terraform in the environment's file");
    throw new OperatorError(
      "neither terraform nor tofu is installed",
      "Terraform 1.5 or later: https://developer.hashicorp.com/terraform/install\nor OpenTofu: https://opentofu.org/docs/intro/install/",
    );
  }

  private constructor(
    public readonly binary: string,
    private readonly directory: string,
    /** Host from which providers come. */
    public readonly registry: string,
    private readonly variables: NodeJS.ProcessEnv = {},
  ) {}

  /** Indents every file of the directory and below. @throws OperatorError when one of them cannot be read. */
  public format(): void {
    const { status, stderr } = this.call(["fmt", "-recursive", "-list=false", "-no-color"]);
    if (status !== 0) throw new OperatorError(`${this.binary} fmt failed: ${stderr.trim()}`, "report it with this text");
  }

  /** What the downloaded providers say of their resources. @throws OperatorError when they cannot be asked. */
  public providersSchema(): ProviderSchemas {
    const { status, stdout, stderr } = this.call(["providers", "schema", "-json"]);
    if (status !== 0) throw new OperatorError(`${this.binary} providers schema failed: ${stderr.trim()}`, "check that the providers are downloaded");
    return JSON.parse(jsonIn(stdout));
  }

  /** Downloads the providers. */
  public init(): void {
    const { status, stdout, stderr } = this.call(["init", "-input=false", "-no-color"]);
    if (status === 0) return;
    const text = `${stderr}\n${stdout}`;
    const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("Initializing"));
    const remedy = OTHER_VERSION_LOCKED.test(text.replace(/[│╷╵\s]+/g, " "))
      ? "terraform.lock.hcl is for other versions of the providers; delete it, then run: npm run lock -- --only providers"
      : "check the connection to the provider registry, then run the command again";
    throw new OperatorError(`${this.binary} init failed:\n${lines.join("\n")}`, remedy);
  }

  /** Everything that the state knows. */
  public state(): State {
    const { status, stdout, stderr } = this.call(["state", "pull"]);
    if (status !== 0) throw new OperatorError(`${this.binary} state pull failed: ${stderr.trim()}`, "check that the state can be reached");
    const text = jsonIn(stdout);
    return text.startsWith("{") ? JSON.parse(text) : { resources: [] };
  }

  /**
   * Puts a whole state in the place of the one that is there.
   *
   * @throws OperatorError when Terraform does not take it.
   */
  public pushState(state: object): void {
    const { status, stderr } = this.call(["state", "push", "-"], JSON.stringify(state));
    if (status !== 0) throw new OperatorError(`${this.binary} state push failed: ${stderr.trim()}`, "check that the state can be reached");
  }

  /**
   * A plan with all its values. Its file can hold variables that are secret, and is gone afterwards.
   *
   * @throws OperatorError when none can be made.
   */
  public wholePlan(args: readonly string[] = []): Plan {
    const file = "secure-bookstack.plan";
    try {
      const { status, stderr } = this.call(["plan", "-input=false", "-no-color", `-out=${file}`, ...args]);
      if (status !== 0) throw new OperatorError(`no plan could be made:\n${stderr.trim()}`, "fix the cause, then run the command again");
      const { status: shown, stdout, stderr: why } = this.call(["show", "-json", file]);
      if (shown !== 0) throw new OperatorError(`${this.binary} show failed: ${why.trim()}`, "fix the cause, then run the command again");
      return JSON.parse(jsonIn(stdout));
    } finally {
      rmSync(join(this.directory, file), { force: true });
    }
  }

  /**
   * Has the state say what the providers read of everything in it.
   *
   * @throws OperatorError when one of them cannot.
   */
  public refresh(): void {
    const { status, stderr } = this.call(["apply", "-refresh-only", "-input=false", "-auto-approve", "-no-color"]);
    if (status !== 0) throw new OperatorError(`what runs could not be read:\n${stderr.trim()}`, "fix the cause, then run the command again");
  }

  /** The same program in another directory, whatever variables say about where it works. */
  public in(directory: string): Terraform {
    return new Terraform(this.binary, directory, this.registry, { TF_DATA_DIR: undefined, TF_WORKSPACE: undefined });
  }

  /** Runs `plan` and passes its events on. The exit code is Terraform's: 0 no changes, 2 changes, 1 an error. */
  public planned(listen: EventListener, args: readonly string[] = []): Promise<number> {
    return this.stream(["plan", "-input=false", "-detailed-exitcode", "-json", ...args], listen);
  }

  /** Shows a plan on the terminal. The exit code is Terraform's: 0 no changes, 2 changes, 1 an error. */
  public plan(args: readonly string[]): number {
    const { status } = spawnSync(this.binary, ["plan", "-input=false", "-detailed-exitcode", ...(coloured() ? [] : ["-no-color"]), ...args], {
      cwd: this.directory,
      env: this.environment(),
      stdio: "inherit",
    });
    return status ?? 1;
  }

  /**
   * What an apply with these arguments would do: address → action, by the state alone, without asking Docker.
   *
   * @returns nothing when no plan can be made; `listen` has heard why.
   */
  public async preview(args: readonly string[], listen: EventListener): Promise<ReadonlyMap<string, string> | undefined> {
    const actions = new Map<string, string>();
    const code = await this.stream(["plan", "-input=false", "-json", "-lock=false", "-refresh=false", ...args], collecting(actions, listen));
    return code === 0 ? actions : undefined;
  }

  /** Runs `apply` or `destroy` and passes its events on. Returns the exit code. */
  public change(verb: "apply" | "destroy", args: readonly string[], listen: EventListener): Promise<number> {
    return this.stream([verb, "-input=false", "-auto-approve", "-json", ...args], listen);
  }

  private stream(args: readonly string[], listen: EventListener): Promise<number> {
    const child = spawn(this.binary, [...args], {
      cwd: this.directory,
      env: this.environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    createInterface({ input: child.stdout }).on("line", (line) => listen(read(line)));
    createInterface({ input: child.stderr }).on("line", (line) => listen(read(line)));
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve(code ?? 1));
    });
  }

  private call(args: readonly string[], input?: string) {
    return spawnSync(this.binary, args, { cwd: this.directory, env: this.environment(), input, encoding: "utf8", maxBuffer: 256 * 2 ** 20 });
  }

  private environment(): NodeJS.ProcessEnv {
    return { ...withoutDockers(process.env), ...ENVIRONMENT, ...this.variables };
  }
}

/** A listener that passes events on, and writes what a plan would do into `changes`: address → action. */
export function collecting(changes: Map<string, string>, listen: EventListener): EventListener {
  return (event) => {
    if (event.type === "planned_change" && event.change) changes.set(event.change.resource.addr, event.change.action);
    listen(event);
  };
}

/** The JSON that a command printed: OpenTofu prints warnings about its own configuration before it. */
function jsonIn(stdout: string): string {
  return stdout.slice(Math.max(0, stdout.search(/^\{/m)));
}

/** Whether a person looks at a terminal that shows colours. */
function coloured(): boolean {
  return process.stdout.isTTY && process.env.NO_COLOR === undefined;
}

function read(line: string): TerraformEvent {
  try {
    return JSON.parse(line) as TerraformEvent;
  } catch {
    return { type: "text", "@message": line };
  }
}
