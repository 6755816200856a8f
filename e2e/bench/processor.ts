import { within } from "../support/bounded";
import { stats } from "./engine-stats";
import { type Action, load, type Side } from "./load-generator";

/** Processor time that one good answer costs a container, in milliseconds. */
export interface Spent {
  readonly side: string;
  readonly container: string;
  readonly milliseconds: number;
}

/** Which containers work for a side, by what they are called in the report. */
export type Workers = Readonly<Record<string, string>>;

async function used(workers: Workers): Promise<Record<string, number>> {
  const all: Record<string, number> = {};
  for (const [name, container] of Object.entries(workers)) {
    all[name] = (await within(30, `the statistics of ${container}`, stats(container))).cpu_stats.cpu_usage.total_usage / 1e6;
  }
  return all;
}

/** What a load costs each container: other work on the machine makes answers slower, and these figures hardly larger. */
export async function spent(side: Side, workers: Workers, action: Action, clients: number, seconds: number): Promise<Spent[]> {
  const before = await used(workers);
  const round = await load(side, action, clients, seconds);
  const after = await used(workers);
  const answers = round.perSecond * round.seconds;
  if (answers === 0) throw new Error(`no good answer of ${side.name}: ${JSON.stringify(round.errors)}`);
  return Object.keys(workers).map((container) => ({
    side: side.name,
    container,
    milliseconds: ((after[container] ?? Number.NaN) - (before[container] ?? Number.NaN)) / answers,
  }));
}
