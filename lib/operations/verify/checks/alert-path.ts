import { type Check, type Finding, unknown } from "../check";
import { samplesOf } from "../metrics";
import { hasService, nameIn, type Target } from "../target";

const ALERTMANAGER = "alertmanager";
/** The alert that is always raised: when it does not arrive, no other would. */
const WATCHDOG = "Watchdog";
const API = "http://127.0.0.1:9093";
/** Seconds after its start in which Alertmanager may not have the first alerts yet: some evaluations of the rules. */
const STARTING_SECONDS = 180;

export const check: Check = {
  name: "alert-path",
  promise: "alerts get from Prometheus to Alertmanager, and no message from there to people failed",
  skip: (target) => (hasService(target, ALERTMANAGER) ? undefined : "nothing watches this environment"),
  async run(target): Promise<Finding[]> {
    const name = nameIn(target, ALERTMANAGER);
    const read = (path: string) => target.inside.exec(name, ["wget", "-q", "-O", "-", `${API}${path}`]);
    const alerts: readonly { labels: { alertname: string } }[] = JSON.parse(await read("/api/v2/alerts"));
    const metrics = await read("/metrics");
    const counted = samplesOf(metrics, "alertmanager_notifications_failed_total");
    const failures = counted.filter(({ value }) => value > 0);
    const arrived = alerts.some(({ labels: { alertname } }) => alertname === WATCHDOG);
    return [
      ...(arrived ? [] : [notArrived(target, metrics)]),
      ...(counted.length === 0 ? [unknown("Alertmanager does not say whether messages failed", `docker logs ${name}`)] : []),
      ...[...new Set(failures.map(({ labels }) => labels.integration))].map((integration) => ({
        problem: `messages by ${integration} failed since Alertmanager started`,
        remedy: `docker logs ${name}: mail server, password, address of the webhook? Then docker restart ${name}`,
      })),
    ];
  },
};

/** Why the alert is not there: it is not known yet shortly after a start. */
function notArrived(target: Target, metrics: string): Finding {
  const [started] = samplesOf(metrics, "process_start_time_seconds");
  const seconds = started === undefined ? STARTING_SECONDS : Math.round(target.now().getTime() / 1000 - started.value);
  if (seconds < STARTING_SECONDS) {
    return unknown(`Alertmanager started ${seconds} s ago and has no alert yet`, `verify again ${STARTING_SECONDS} s after the start`);
  }
  return { problem: `the alert ${WATCHDOG}, which is always raised, did not arrive`, remedy: `docker logs ${nameIn(target, "prometheus")}` };
}
