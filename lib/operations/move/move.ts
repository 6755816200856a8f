import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LABEL } from "../../../constructs/docker/labels";
import { plannedContainers } from "../../../constructs/policy/check";
import type { Docker } from "../../clients/docker/docker";
import { CHANGES, type EventListener } from "../../clients/terraform/terraform";
import { containerName } from "../../stack/names";
import { secondsSince } from "../../system/elapsed";
import { OperatorError } from "../../system/operator-error";
import { rememberApplied } from "../deploy/applied-stack";
import { filesOf } from "../deploy/apply";
import { keepBuiltImages } from "../deploy/built-images";
import { requireIdleBackup } from "../rotate/backup-idle";
import type { Tools } from "../tools";
import { servicesOf } from "../upgrade/services";
import { Wiki } from "../upgrade/wiki";
import { STACK_FILE, type Workspace } from "../workspace";
import { bringImages } from "./images";
import { stopServices } from "./old-place";
import { keepState, type MoveJournal, type MoveRecord } from "./record";
import { requireFitTarget, requireMovable } from "./refusals";
import { movedState } from "./state";
import { undoMove } from "./undo";
import { VolumeTransfer } from "./volumes";

export interface MoveProps {
  /** The environment on its old Docker host. */
  readonly old: Workspace;
  readonly tools: Tools;
  /** Writes the stack for the new Docker host; from then on Terraform works there. */
  readonly synthesizeNew: () => Workspace;
  readonly next: Workspace["environment"];
  readonly to: Docker;
  readonly listen: EventListener;
  readonly say: (line: string) => void;
  /** Why Terraform failed, line by line. */
  readonly failure: () => readonly string[];
}

/** Takes a wiki to another Docker host, or leaves it where it is. The two never run at the same time. */
export class Move {
  constructor(private readonly props: MoveProps) {}

  /**
   * Checks what can be checked while everything runs; nothing is changed.
   *
   * @throws OperatorError with what makes the move impossible.
   */
  public async check(): Promise<{ readonly record: MoveRecord; readonly notes: readonly string[] }> {
    const { old, tools, next, to, listen, failure, say } = this.props;
    const { environment, stack } = old;
    const { name } = environment;
    requireMovable(environment);
    const notes = await requireFitTarget(next, tools.docker, to);
    const code = await tools.terraform.planned(listen);
    if (code === CHANGES) throw new OperatorError(`${name} is not deployed as its file says; nothing was changed`, `npm run deploy -- ${name}   # then move`);
    if (code !== 0) throw new OperatorError("no plan could be made; nothing was changed", failure().join("\n"));
    this.transfer([]).requireTar();
    this.requireIdle();
    say("Tests the wiki before the move …");
    new Wiki(tools.docker, environment, stack.urls).smokeTest();
    const database = containerName(name, "bookstack-db");
    const record: MoveRecord = {
      format: 1,
      environment: name,
      process: process.pid,
      step: "copying",
      history: [{ step: "copying", at: new Date().toISOString() }],
      from: environment.docker,
      to: next.docker,
      services: [database, ...servicesOf(stack).filter((service) => service !== database)],
      volumes: tools.docker.names("volume", ["--filter", `label=${LABEL.namespace}=${name}`, "--filter", `label=${LABEL.kind}=data`]),
      result: [],
    };
    return { record, notes };
  }

  /**
   * @returns whether the wiki runs on the new Docker host; otherwise it runs on the old one.
   * @throws OperatorError when neither does.
   */
  public async run(journal: MoveJournal): Promise<boolean> {
    const { old, tools, to, say } = this.props;
    let stopped: number | undefined;
    try {
      const { volumes, services } = journal.record;
      const copy = this.transfer(volumes);
      await bringImages(old.directory, tools.docker, to, say);
      say(`Copies ${volumes.join(", ")} while the wiki runs …`);
      await copy.first();
      const workspace = await this.prepare(journal);
      this.requireIdle();
      journal.step("switching");
      say("Stops the wiki on the old Docker host …");
      stopped = Date.now();
      stopServices(tools.docker, services);
      say("Copies what was changed since …");
      await copy.second();
      say("Starts the wiki on the new Docker host …");
      await this.apply([]);
      const result = new Wiki(to, workspace.environment, workspace.stack.urls).smokeTest();
      rememberApplied(workspace);
      journal.step("verified", { result, downSeconds: secondsSince(stopped) });
      this.tidy(copy);
      return true;
    } catch (error) {
      say(`The move failed: ${(error as Error).message}`);
      const { message } = error as Error;
      await undoMove({ workspace: old, terraform: tools.terraform, from: tools.docker, to, journal, say }, message, stopped);
      return false;
    }
  }

  /** The wiki runs on the new Docker host already: the old one may be gone. */
  private tidy(copy: VolumeTransfer): void {
    try {
      copy.endLeftovers();
    } catch (error) {
      this.props.say(`The old Docker host could not be tidied up: ${(error as Error).message}`);
    }
  }

  /** Creates networks and configuration on the new Docker host while the old wiki runs, so that less is to do afterwards. */
  private async prepare(journal: MoveJournal): Promise<Workspace> {
    const { tools, to, synthesizeNew, say } = this.props;
    const { terraform } = tools;
    const state = terraform.state();
    keepState(journal.record.environment, state);
    journal.step("preparing", { stateMoved: true });
    say("Prepares the new Docker host …");
    terraform.pushState(movedState(state));
    const workspace = synthesizeNew();
    keepBuiltImages(workspace.directory, to, terraform.state());
    await this.apply([...networksOf(workspace), ...filesOf(workspace.stack)].map((address) => `-target=${address}`));
    return workspace;
  }

  private async apply(args: readonly string[]): Promise<void> {
    const { tools, listen, failure } = this.props;
    const code = await tools.terraform.change("apply", args, listen);
    if (code !== 0) throw new OperatorError("not everything could be deployed on the new Docker host", failure().join("\n"));
  }

  /** A set that is written meanwhile would be in two places, or in none. */
  private requireIdle(): void {
    requireIdleBackup({ environment: this.props.old.environment, docker: this.props.tools.docker });
  }

  private transfer(volumes: readonly string[]): VolumeTransfer {
    const { old, tools, to } = this.props;
    const { name } = old.environment;
    const image = plannedContainers(old.stack).find(({ service }) => service === "bookstack")?.image ?? "";
    return new VolumeTransfer({ from: tools.docker, to, environment: name, image, volumes });
  }
}

function networksOf({ directory }: Workspace): string[] {
  const { resource = {} }: { resource?: Readonly<Record<string, object>> } = JSON.parse(readFileSync(join(directory, STACK_FILE), "utf8"));
  return Object.keys(resource.docker_network ?? {}).map((id) => `docker_network.${id}`);
}
