import { type Judged, machine, type Part, short } from "./report";
import { measured } from "./statistics";

/** One container at one moment. */
export interface Usage {
  readonly service: string;
  readonly memory: number;
  /** The most since the container started; nothing when the kernel does not say. */
  readonly peak?: number;
  readonly limit: number;
  /** Share of one processor since the sample before. */
  readonly cpu: number;
}

const MIB = 2 ** 20;
/** Services that `monitoring.enabled: false` leaves out. */
const MONITORING = /^(prometheus|alertmanager|grafana|node-exporter|mysqld-exporter|container-metrics)$/;

interface Sum {
  readonly memory?: number;
  readonly cpu?: number;
}

function sum(usages: readonly Usage[], which: (service: string) => boolean): Sum {
  const services = [...new Set(usages.map(({ service }) => service))].filter(which);
  const of = (service: string, key: "memory" | "cpu") => measured(usages.filter((each) => each.service === service).map((each) => each[key]))?.median ?? 0;
  const total = (key: "memory" | "cpu") => services.reduce((all, service) => all + of(service, key), 0);
  return services.length === 0 ? {} : { memory: total("memory"), cpu: total("cpu") };
}

/** Sums of the medians of all containers. */
export function costTargets(usages: readonly Usage[]): Judged[] {
  const judge = (what: string, atMost: number, { memory }: Sum): Judged => {
    const target = { what, unit: "GiB", atMost };
    return memory === undefined ? { target } : { target, figure: memory / 2 ** 30 };
  };
  return [
    judge(
      "Memory of all containers, idle, with monitoring",
      1.2,
      sum(usages, () => true),
    ),
    judge(
      "The same without the containers of the monitoring",
      0.7,
      sum(usages, (service) => !MONITORING.test(service)),
    ),
  ];
}

export function costPart(
  usages: readonly Usage[],
  seconds: number,
  about: { readonly engine: string; readonly images: Readonly<Record<string, string>> },
): Part {
  const services = [...new Set(usages.map(({ service }) => service))];
  const rows = services.map((service) => {
    const mine = usages.filter((each) => each.service === service);
    const [memory, cpu] = [measured(mine.map((each) => each.memory)), measured(mine.map((each) => each.cpu))];
    const { limit = 0, peak } = mine.at(-1) ?? {};
    const mib = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / MIB);
    return {
      service,
      memory,
      cells: [
        short(mib(memory?.median)),
        `${short(mib(memory?.low))}–${short(mib(memory?.high))}`,
        short(mib(peak)),
        short(mib(limit)),
        short((cpu?.median ?? Number.NaN) * 100),
      ],
    };
  });
  return {
    name: "cost",
    title: "Cost",
    about:
      "Memory and processor time of each container of a deployed environment that nobody uses. Memory is what the kernel counts for the container, without the file cache that it can drop at once.",
    command: "npm run bench:cost",
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    ...about,
    judged: costTargets(usages),
    tables: [
      {
        title: "Containers",
        head: ["container", "memory MiB", "spread MiB", "peak MiB, with file cache", "limit MiB", "% of one processor"],
        rows: rows.map(({ service, cells }) => [service, ...cells]),
      },
    ],
    plots: [
      {
        name: "memory",
        title: "Memory, idle",
        axis: "MiB",
        bars: rows.flatMap(({ service, memory }) =>
          memory ? [{ group: service, series: "memory", value: memory.median / MIB, low: memory.low / MIB, high: memory.high / MIB }] : [],
        ),
      },
    ],
    notes: [
      `Sampled for ${seconds} s, soon after the deploy. The sum without monitoring is that of the other containers of the same run.`,
      "Grafana's stand-in is a placeholder that needs much less memory than Grafana: the sum with monitoring is too low by that.",
      "Not measured here: what a server of 2, 4 or 8 GiB carries.",
    ],
    data: { usages },
  };
}
