import { type Judged, machine, type Part, short } from "./report";
import { measured } from "./statistics";

/** One command, run once. */
export interface Timed {
  readonly what: string;
  readonly seconds: number;
}

/** What is not a ratio of two commands of the same run cannot be judged on a busy machine. */
export function deployTargets(timed: readonly Timed[]): Judged[] {
  const median = (what: string) => measured(timed.filter((each) => each.what === what).map(({ seconds }) => seconds))?.median;
  const [noOp, plan] = [median(NO_OP), median(PLAN)];
  const target = { what: "A deploy without changes, of the time of a plan", unit: "×", atMost: 1.5 };
  return [
    noOp === undefined || plan === undefined ? { target } : { target, figure: noOp / plan },
    { target: { what: "First deploy, of the time of docker compose", unit: "×", atMost: 1.3 } },
  ];
}

export const PLAN = "plan, nothing to change";
export const NO_OP = "deploy, nothing to change";

export function deployPart(timed: readonly Timed[], about: { readonly engine: string; readonly images: Readonly<Record<string, string>> }): Part {
  const kinds = [...new Set(timed.map(({ what }) => what))];
  const figures = kinds.flatMap((what) => {
    const all = measured(timed.filter((each) => each.what === what).map(({ seconds }) => seconds));
    return all ? [{ what, ...all }] : [];
  });
  return {
    name: "deploy",
    title: "Deploy",
    about: "Time of the commands, from start to end, with images that the engine has already. Plan and deploy without changes take turns.",
    command: "npm run bench:deploy",
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    ...about,
    judged: deployTargets(timed),
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
    notes: ["The environment has no monitoring.", "Not measured here: `docker compose up --wait` of the same containers, and `cdktf synth`."],
    data: { timed },
  };
}
