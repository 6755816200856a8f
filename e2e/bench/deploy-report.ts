import { type Judged, machine, type Part, short } from "./report";
import { measured } from "./statistics";

/** One command, run once. */
export interface Timed {
  readonly what: string;
  readonly seconds: number;
}

export const START = "start (synthesis, without Docker)";
export const CDKTF_SYNTH = "cdktf synth, the same environment";
export const PLAN = "plan, nothing to change";
export const FIRST = "deploy, the first";
export const NO_OP = "deploy, nothing to change";
export const COMPOSE_FIRST = "docker compose up, the first";
export const COMPOSE_NO_OP = "docker compose up, nothing to change";

/** Targets of ratios of two commands of the same run; the seconds of one of them depend on the machine. */
const RATIOS = [
  { what: "First deploy, of the time of docker compose", of: FIRST, to: COMPOSE_FIRST, atMost: 1.3 },
  { what: "A deploy without changes, of the time of docker compose", of: NO_OP, to: COMPOSE_NO_OP, atMost: 1.5 },
  { what: "A deploy without changes, of the time of a plan", of: NO_OP, to: PLAN, atMost: 1.5 },
] as const;

export function deployTargets(timed: readonly Timed[]): Judged[] {
  const median = (what: string) => measured(timed.filter((each) => each.what === what).map(({ seconds }) => seconds))?.median;
  return RATIOS.map(({ what, of, to, atMost }) => {
    const [ours, theirs] = [median(of), median(to)];
    const target = { what, unit: "×", atMost };
    return ours === undefined || theirs === undefined ? { target } : { target, figure: ours / theirs };
  });
}

interface About {
  readonly engine: string;
  readonly images: Readonly<Record<string, string>>;
  /** Version of docker compose; nothing when it is not installed. */
  readonly compose?: string;
}

export function deployPart(timed: readonly Timed[], { compose, ...about }: About): Part {
  const kinds = [...new Set(timed.map(({ what }) => what))];
  const figures = kinds.flatMap((what) => {
    const all = measured(timed.filter((each) => each.what === what).map(({ seconds }) => seconds));
    return all ? [{ what, ...all }] : [];
  });
  const median = (what: string) => figures.find((one) => one.what === what)?.median;
  return {
    name: "deploy",
    title: "Deploy",
    about:
      "Time of the commands, from start to end, with images that the engine has already, and beside them docker compose with the same containers, in turn within one run.",
    command: "npm run bench:deploy",
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    ...about,
    judged: deployTargets(timed),
    beside: [
      { what: "first deploy", unit: "s", ours: median(FIRST), other: "docker compose up", theirs: median(COMPOSE_FIRST) },
      { what: "deploy without changes", unit: "s", ours: median(NO_OP), other: "docker compose up", theirs: median(COMPOSE_NO_OP) },
      { what: "synthesis", unit: "s", ours: median(START), other: "cdktf synth", theirs: median(CDKTF_SYNTH) },
    ],
    tables: [
      {
        title: "Commands",
        head: ["command", "median s", "spread s", "runs"],
        rows: figures.map(({ what, median, low, high, rounds }) => [what, short(median), `${short(low)}–${short(high)}`, `${rounds}`]),
      },
    ],
    plots: [
      {
        name: "commands",
        title: "Commands",
        axis: "seconds",
        bars: figures.map(({ what, median, low, high }) => ({ group: what, series: "seconds", value: median, low, high })),
      },
    ],
    notes: [
      "The environment has no monitoring.",
      compose === undefined
        ? "Not measured here: docker compose is not installed."
        : `docker compose ${compose} runs the services and jobs of the plan with the same names, limits, networks, health checks and order, with empty volumes at the first start; configuration files are bind mounts. It is waited for until each service is healthy and each job has ended.`,
      ...(figures.some(({ what }) => what === CDKTF_SYNTH) ? [] : ["Not measured here: `cdktf synth`, because its command line cannot be installed."]),
    ],
    data: { timed },
  };
}
