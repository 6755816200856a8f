import type { Round } from "./load-generator";
import { type Judged, machine, type Part, short } from "./report";

/** What a server of one size did. */
export interface Size {
  /** Memory of the server. */
  readonly gib: number;
  readonly monitoring: boolean;
  /** MiB that all containers together may use. */
  readonly limit: number;
  /** Seconds until the wiki was deployed and a user signed in; nothing when that failed. */
  readonly started?: number;
  readonly rounds: readonly Round[];
  /** Seconds of a backup. */
  readonly backup?: number;
  /** Containers that the kernel or the engine ended. */
  readonly ended: readonly string[];
  /** Most bytes of all containers, without the file cache that the kernel can drop at once. */
  readonly peak: number;
  /** Why it was not measured to its end. */
  readonly failure?: string;
}

interface About {
  readonly engine: string;
  readonly images: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** MiB that are left to the system. */
  readonly system: number;
}

/** Longest that a page may take for a server to carry so many clients. */
const PATIENCE_MS = 5000;

/** Most clients at a time whose pages came in time and without errors; nothing when it did not even start. */
export function carried({ rounds, failure }: Size): number | undefined {
  if (failure !== undefined) return undefined;
  const good = rounds.filter(({ p95, errors }) => p95 !== undefined && p95 <= PATIENCE_MS && Object.keys(errors).length === 0);
  return Math.max(0, ...good.map(({ clients }) => clients));
}

const nameOf = ({ gib, monitoring }: Size) => `${gib} GiB, ${monitoring ? "with" : "without"} monitoring`;

export function sizesTargets(sizes: readonly Size[]): Judged[] {
  const target = { what: "Clients at a time that a server of 4 GiB with monitoring carries", unit: "clients", atLeast: 10 };
  const four = sizes.find(({ gib, monitoring }) => gib === 4 && monitoring);
  return [four === undefined ? { target } : { target, figure: carried(four) ?? 0 }];
}

function row(size: Size): string[] {
  const { started, rounds, backup, ended, peak, limit, failure } = size;
  const of = (clients: number) => rounds.find((round) => round.clients === clients);
  const rates = [1, 10, 50].map((clients) => short(of(clients)?.perSecond)).join(" / ");
  const slowest = [1, 10, 50].map((clients) => short(of(clients)?.p95)).join(" / ");
  const memory = `${Math.round(peak / 2 ** 20)} of ${limit}`;
  const came = failure === undefined ? (ended.length === 0 ? "none" : ended.join(", ")) : `failed: ${failure.replaceAll("|", "/").slice(0, 60)}`;
  return [nameOf(size), short(started), rates, slowest, short(backup), memory, came, `${carried(size) ?? "–"}`];
}

export function sizesPart(sizes: readonly Size[], { seconds, system, ...about }: About): Part {
  return {
    name: "sizes",
    title: "Sizes of servers",
    about: `What a server carries: all containers of an environment in one cgroup, whose memory is limited to that of the server without ${system} MiB for the system and the engine. Nothing else of a small server is imitated: the processors and the disk are those of this machine.`,
    command: "npm run bench:sizes",
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    ...about,
    judged: sizesTargets(sizes),
    tables: [
      {
        title: "Servers",
        head: ["server", "deploy s", "pages/s with 1 / 10 / 50", "p95 ms with 1 / 10 / 50", "backup s", "MiB at most", "ended", "carries"],
        rows: sizes.map(row),
      },
    ],
    plots: [
      {
        name: "memory",
        title: "Most memory that all containers needed",
        axis: "MiB",
        bars: sizes.map((size) => ({ group: nameOf(size), series: "memory", value: size.peak / 2 ** 20, low: size.peak / 2 ** 20, high: size.peak / 2 ** 20 })),
      },
    ],
    notes: [
      `The environment has the default limits. A server carries so many clients as open pages without a pause, at most ${PATIENCE_MS / 1000} s each for 95 of 100, and without errors: of 1, 10 and 50. Rounds of ${seconds} s, with 50 clients twice as long.`,
      "Memory is what the kernel counts for all containers from the deploy to the end of a backup, without the file cache that it can drop at once. There is no swap.",
      "An empty wiki: a large database needs more of MySQL's memory. Grafana's stand-in needs much less memory than Grafana.",
    ],
    data: { sizes },
  };
}
