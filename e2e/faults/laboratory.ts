import { setTimeout as pause } from "node:timers/promises";
import type { Deployment } from "../support/deployment";
import { alertName, type Raised } from "../support/metrics";
import { Containers } from "./containers";
import { type Fault, missedTargets, type Outcome, type Seen } from "./fault";
import type { Person, Task } from "./person";
import { run } from "./run";

/** Seconds after which nothing is expected to recover any more. */
const PATIENCE_SECONDS = 180;
/** Good answers in a row with which a person is served again. */
const SERVED = 2;

/** Breaks things in a running environment while people use it, and looks what comes of it. */
export class Laboratory {
  public readonly containers: Containers;

  constructor(
    private readonly deployment: Deployment,
    private readonly people: readonly Person[],
    /** Texts of the saves that the database has. */
    private readonly saved: () => Promise<ReadonlySet<string>>,
    private readonly services: number,
  ) {
    this.containers = new Containers(deployment);
  }

  /** Waits until all users are served and every container is healthy. Seconds that it took; nothing when it took too long. */
  public async untilWhole(since = Date.now()): Promise<number | undefined> {
    while (Date.now() - since < PATIENCE_SECONDS * 1000) {
      if (this.people.every((person) => served(person, since)) && (await this.containers.whole(this.services))) return Math.round((Date.now() - since) / 1000);
      await pause(1000);
    }
    return undefined;
  }

  public async run(fault: Fault): Promise<Outcome> {
    const before = await this.containers.states();
    const marks = this.people.map(({ samples, acknowledged, signIns }) => ({ samples: samples.length, acknowledged: acknowledged.length, signIns }));
    const alerts = new Set<string>();
    const earlier = await this.alertNames();
    // a command in a container that is paused at that moment can leave it paused for good (runc 1.1 with cgroup v1)
    const watch = fault.part.includes("prometheus") ? async () => undefined : this.watchAlerts(alerts);
    let whole: number | undefined;
    try {
      await fault.strike();
      if (fault.seconds !== undefined) await pause(fault.seconds * 1000);
      await fault.repair?.();
      whole = await this.untilWhole();
    } finally {
      await watch();
    }
    const more = await fault.afterwards?.();
    const saved = await this.saved();
    const acknowledged = fault.forgets ? [] : this.people.flatMap((person, index) => person.acknowledged.slice(marks[index]?.acknowledged));
    const seen = Object.fromEntries(this.people.map((person, index) => [person.task, seenBy(person, marks[index] ?? { samples: 0, signIns: 0 })])) as Record<
      Task,
      Seen
    >;
    const touched = [...(fault.restarts ?? []), ...fault.part.split(", ")];
    const after = new Map((await this.containers.states()).map((state) => [state.service, state]));
    const outcome = {
      part: fault.part,
      what: fault.what,
      ...(fault.note === undefined ? {} : { note: fault.note }),
      byHand: fault.byHand ?? false,
      date: new Date().toISOString().slice(0, 10),
      seen,
      ...(whole === undefined ? {} : { wholeSeconds: whole }),
      longestSeconds: Math.max(...Object.values(seen).map(({ longestSeconds }) => longestSeconds)),
      acknowledged: acknowledged.length,
      lost: acknowledged.filter((text) => !saved.has(text)).length,
      alerts: [...alerts].filter((name) => !earlier.includes(name)).sort(),
      others: before
        .filter(({ service, startedAt }) => after.get(service)?.startedAt !== startedAt && !touched.includes(service))
        .map(({ service }) => service),
    };
    return { ...outcome, missed: missedTargets(outcome, more) };
  }

  /** Names of the alerts that fire; none while Prometheus is what is broken. */
  private async alertNames(): Promise<string[]> {
    const address = "http://127.0.0.1:9090/api/v1/alerts";
    const { status, stdout } = await run("docker", ["exec", this.deployment.container("prometheus"), "wget", "-q", "-T", "5", "-O", "-", address]);
    if (status !== 0) return [];
    const raised: Raised[] = JSON.parse(stdout).data.alerts;
    return raised.filter(({ state, labels }) => state === "firing" && labels.alertname !== "Watchdog").map(({ labels }) => alertName(labels));
  }

  /** Collects the alerts that fire; the function that it gives ends that. */
  private watchAlerts(alerts: Set<string>): () => Promise<void> {
    let over = false;
    const loop = (async () => {
      while (!over) {
        for (const name of await this.alertNames()) alerts.add(name);
        await pause(3000);
      }
    })();
    return () => {
      over = true;
      return loop;
    };
  }
}

function served({ samples }: Person, since: number): boolean {
  const last = samples.slice(-SERVED);
  return last.length === SERVED && last.every(({ at, saw }) => at >= since && saw === "ok");
}

function seenBy({ samples, signIns }: Person, mark: { samples: number; signIns: number }): Seen {
  const during = samples.slice(mark.samples);
  const failures: Record<string, number> = {};
  for (const { saw } of during) if (saw !== "ok") failures[saw] = (failures[saw] ?? 0) + 1;
  const longest = Math.max(0, ...during.map(({ seconds }) => seconds));
  return { failures, requests: during.length, longestSeconds: Math.round(longest * 10) / 10, signIns: signIns - mark.signIns };
}
