import { RESTART_POLICY } from "../../../constructs/docker/labels";
import { Docker, RUNNING } from "../../clients/docker/docker";
import { inTurns } from "../../clients/docker/in-turns";
import { OperatorError } from "../../system/operator-error";
import type { Pair } from "./pair";
import { readFailover } from "./roles";

/** Seconds for the answer of a host that has just started everything. */
const ANSWER_SECONDS = 120;

/** Makes the host that was active before a failover the standby. */
export class Rebuild {
  private readonly old: Docker;

  constructor(
    private readonly pair: Pair,
    private readonly say: (line: string) => void,
  ) {
    this.old = new Docker(pair.following.docker);
  }

  /** @throws OperatorError when there was no failover, the host does not answer, or the active one cannot be followed. */
  public require(): void {
    const { name, active, following } = this.pair;
    const step = readFailover(name)?.step;
    if (step !== "done" && step !== "followed") {
      throw new OperatorError(`${name} had no failover that was completed, so there is no host to rebuild`, `npm run standby -- ${name}   # shows the state`);
    }
    if (!active.docker.host.startsWith("ssh://") || active.docker.hostKey === undefined) {
      throw new OperatorError(
        `${active.name} is not reached by ssh:// with a host key, so no standby can connect to it`,
        "set host and hostKey of both Docker hosts in the environment file",
      );
    }
    if (!this.old.answers(ANSWER_SECONDS)) {
      throw new OperatorError(`the Docker host of ${following.name} does not answer`, `docker -H ${following.docker.host} version`);
    }
  }

  /** Ends everything of the wiki on the host: no service accepts a write there, or starts again with the host. */
  public stop(): void {
    const { name } = this.pair.following;
    const all = this.old.services(name);
    if (all.length > 0) this.old.output(["update", `--restart=${RESTART_POLICY.job}`, ...all]);
    const running = this.old.services(name, RUNNING);
    if (running.length > 0) this.say(`Stops what runs of ${name} …`);
    inTurns(this.old, ["stop"], running);
  }
}
