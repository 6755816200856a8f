import { UNKNOWN } from "../../../../constructs/monitoring/alert";
import { type Check, type Finding, unknown } from "../check";
import { nameIn, type Target, type Watched } from "../target";

const API = "http://127.0.0.1:9090/api/v1";
/** Evaluations that may be missed, and seconds that may pass at least, before rules count as not evaluated. */
const MISSED = 10;
const LEAST_SECONDS = 120;

interface ScrapeTarget {
  readonly labels: { readonly job: string };
  readonly health: "up" | "down" | "unknown";
  readonly lastError: string;
}

interface Rule {
  readonly name: string;
  readonly health: "ok" | "err" | "unknown";
  readonly state: "inactive" | "pending" | "firing";
  readonly lastEvaluation: string;
  readonly lastError?: string;
  readonly alerts: readonly { readonly annotations: Readonly<Record<string, string>> }[];
}

export const check: Check = {
  name: "metrics-sources",
  promise: "every source of metrics is read and gives each metric that an alert reads, and every alert rule is evaluated",
  skip: ({ watched }) => (watched === undefined ? "nothing watches this environment" : undefined),
  async run(subject): Promise<Finding[]> {
    const { watched = { jobs: [], alerts: [] } } = subject;
    const { activeTargets } = await fetchJson<{ activeTargets: ScrapeTarget[] }>(subject, "targets?state=active");
    const { groups } = await fetchJson<{ groups: { rules: Rule[] }[] }>(subject, "rules?type=alert");
    return [
      ...unread(subject, watched, activeTargets),
      ...unevaluated(
        subject,
        watched,
        groups.flatMap(({ rules }) => rules),
      ),
    ];
  },
};

async function fetchJson<T>(subject: Target, path: string): Promise<T> {
  const answer = await subject.inside.exec(nameIn(subject, "prometheus"), ["wget", "-q", "-O", "-", `${API}/${path}`]);
  return (JSON.parse(answer) as { data: T }).data;
}

/** Jobs that Prometheus does not know, or cannot read. */
function unread(subject: Target, { jobs }: Watched, targets: readonly ScrapeTarget[]): Finding[] {
  return jobs.flatMap((job) => {
    const target = targets.find(({ labels }) => labels.job === job);
    const remedy = `docker ps --all; docker logs ${nameIn(subject, "prometheus")}`;
    if (target === undefined) return [{ problem: `Prometheus does not read ${job}`, remedy: `npm run deploy -- ${subject.environment.name}` }];
    if (target.health === "unknown") return [unknown(`metrics of ${job} were not read yet`, "wait for a minute, then verify again")];
    return target.health === "up" ? [] : [{ problem: `metrics of ${job} cannot be read: ${target.lastError}`, remedy }];
  });
}

/** Rules that are not there, fail, or wait, and those that say that metrics are missing. */
function unevaluated(subject: Target, { alerts }: Watched, rules: readonly Rule[]): Finding[] {
  const remedy = `docker logs ${nameIn(subject, "prometheus")}`;
  const most = Math.max(LEAST_SECONDS, MISSED * subject.environment.monitoring.interval.seconds);
  const oldest = subject.now().getTime() - 1000 * most;
  return alerts.flatMap((name) => {
    const rule = rules.find((candidate) => candidate.name === name);
    if (rule === undefined) return [{ problem: `the alert rule ${name} is not loaded`, remedy: `npm run deploy -- ${subject.environment.name}` }];
    if (rule.health === "err") return [{ problem: `the alert rule ${name} cannot be evaluated: ${rule.lastError}`, remedy }];
    if (rule.health !== "ok" || Date.parse(rule.lastEvaluation) < oldest) return [unknown(`the alert rule ${name} is not evaluated`, remedy)];
    if (!name.endsWith(UNKNOWN) || rule.state === "inactive") return [];
    const { summary = `${name} is ${rule.state}`, first = remedy } = rule.alerts[0]?.annotations ?? {};
    return [unknown(summary, first)];
  });
}
