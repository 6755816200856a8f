import { SYNC_DIRECTORY } from "../../../constructs/database/standby-files";
import { RESTART_POLICY } from "../../../constructs/docker/labels";
import { Docker, RUNNING } from "../../clients/docker/docker";
import { untilHealthy } from "../../clients/docker/health";
import { containerName } from "../../stack/names";
import { OperatorError } from "../../system/operator-error";
import { isClose } from "./join";
import type { Pair } from "./pair";
import { ReplicatedServer, type ReplicationStatus } from "./replica";
import { readFailover, recordStep } from "./roles";

/** Seconds after which a host counts as lost. */
const ANSWER_SECONDS = 30;
/** Seconds in which a database must be started again. */
const RESTART_SECONDS = 180;

/** What a failover would cost, as far as it is known before. */
export interface Loss {
  /** Whether the active host answers: then nothing is lost. */
  readonly reachable: boolean;
  /** Time up to which the following host has everything; nothing where the replication never began. */
  readonly complete: string | null;
  /** Seconds since then. */
  readonly seconds: number | null;
}

/** Moves a wiki to its standby. */
export class Failover {
  private readonly old: Docker;
  private readonly next: Docker;
  private readonly source: ReplicatedServer;
  private readonly server: ReplicatedServer;

  constructor(
    private readonly pair: Pair,
    private readonly say: (line: string) => void,
  ) {
    this.old = new Docker(pair.active.docker);
    this.next = new Docker(pair.following.docker);
    this.source = new ReplicatedServer(pair.active);
    this.server = new ReplicatedServer(pair.following);
  }

  /** @throws OperatorError when the following host cannot take over, or would lose writes of a host that answers. */
  public loss(): Loss {
    const { name, active } = this.pair;
    const set = `npm run standby -- ${name}`;
    if (!this.server.runs()) throw new OperatorError(`${this.server.container} does not run, so nothing can take over`, set);
    const reachable = this.old.answers(ANSWER_SECONDS);
    // last, because its age is what is printed
    const status = this.server.status();
    requireData(status, set);
    // a source that a killed failover has stopped writes no heartbeat
    if (reachable && readFailover(name)?.step !== "fencing" && !isClose(status)) {
      throw new OperatorError(`${active.name} answers, but the standby does not follow it: writes would be lost`, `${set}   # shows why`);
    }
    return { reachable, complete: status.heartbeat, seconds: status.behind };
  }

  /**
   * Ends the writes of the active host, where it can be reached, waits until the following host has all of them, and makes that one
   * the source. Each step may be repeated; when one fails before the end, the active host serves again.
   */
  public async promote({ reachable }: Loss): Promise<void> {
    const { pair, say } = this;
    recordStep(pair.name, pair.following.name, "fencing");
    if (reachable) {
      say(`Stops ${pair.active.name} …`);
      try {
        this.server.step("caught-up", await this.fence());
        this.copyFiles();
      } catch (error) {
        say("The standby did not get everything, so nothing is moved.");
        await this.cancel();
        throw error;
      }
      say("Every write and every file of it has arrived.");
    } else {
      say(`${pair.active.name} does not answer, and is not stopped: keep it off the network until it is rebuilt as the standby.`);
    }
    say(`Promotes ${pair.following.name} …`);
    this.endCopies();
    this.server.step("promote");
    recordStep(pair.name, pair.following.name, "promoting");
  }

  /** Lets the active host serve again, before the following one was promoted. */
  public async cancel(): Promise<void> {
    const { active, name } = this.pair;
    this.say(`Starts ${active.name} again …`);
    const services = this.old.services(active.name);
    this.old.output(["update", `--restart=${RESTART_POLICY.service}`, ...services]);
    // what it refuses ends with a restart
    this.old.patiently(["restart", this.source.container]);
    await untilHealthy(this.old, [this.source.container], RESTART_SECONDS);
    this.old.patiently(["start", ...services]);
    recordStep(name, active.name, "cancelled");
  }

  /** No service of the active host starts again automatically; its database refuses writes. The result is what it has written. */
  private async fence(): Promise<string> {
    const { name } = this.pair.active;
    const running = this.old.services(name, RUNNING);
    const edge = containerName(name, "traefik");
    const others = running.filter((container) => ![this.source.container, containerName(name, "standby-source"), edge].includes(container));
    if (running.length > 0) this.old.output(["update", `--restart=${RESTART_POLICY.job}`, ...running]);
    for (const container of [edge, ...others]) if (running.includes(container)) this.old.patiently(["stop", container]);
    if (!this.source.runs()) this.old.output(["start", this.source.container]);
    await untilHealthy(this.old, [this.source.container], RESTART_SECONDS);
    this.source.step("fence");
    return this.source.step("gtids");
  }

  /** What was uploaded since the last copy; nothing in a failover that is repeated after the copies ended. */
  private copyFiles(): void {
    const sync = containerName(this.pair.following.name, "standby-sync");
    if (this.next.inspect(sync) !== undefined) this.next.patiently(["exec", sync, "sh", `${SYNC_DIRECTORY}/standby-sync.sh`]);
  }

  /** A copy that went on would delete what is uploaded to the new host. */
  private endCopies(): void {
    const names = (["standby-sync", "standby-link"] as const).map((name) => containerName(this.pair.following.name, name));
    const present = names.filter((name) => this.next.inspect(name) !== undefined);
    if (present.length > 0) this.next.patiently(["rm", "--force", "--volumes", ...present]);
  }
}

function requireData({ heartbeat }: ReplicationStatus, remedy: string): void {
  if (heartbeat === null) throw new OperatorError("the standby has no data of the wiki", remedy);
}
