import { type Check, type Finding, unknown } from "../check";
import { samplesOf } from "../metrics";
import { containerName, hasService } from "../target";

const ALERTMANAGER = "alertmanager";
/** The alert that is always raised: when it does not arrive, no other would. */
const WATCHDOG = "Watchdog";
const API = "http://127.0.0.1:9093";

export const check: Check = {
  name: "alert-path",
  promise: "alerts get from Prometheus to Alertmanager, and no message from there to people failed",
  skip: (target) => (hasService(target, ALERTMANAGER) ? undefined : "nothing watches this environment"),
  async run(target): Promise<Finding[]> {
    const name = containerName(target, ALERTMANAGER);
    const read = (path: string) => target.inside.exec(name, ["wget", "-q", "-O", "-", `${API}${path}`]);
    const alerts: readonly { labels: { alertname: string } }[] = JSON.parse(await read("/api/v2/alerts"));
    const counted = samplesOf(await read("/metrics"), "alertmanager_notifications_failed_total");
    const failures = counted.filter(({ value }) => value > 0);
    const arrived = alerts.some(({ labels: { alertname } }) => alertname === WATCHDOG);
    return [
      ...(arrived
        ? []
        : [{ problem: `the alert ${WATCHDOG}, which is always raised, did not arrive`, remedy: `docker logs ${containerName(target, "prometheus")}` }]),
      ...(counted.length === 0 ? [unknown("Alertmanager does not say whether messages failed", `docker logs ${name}`)] : []),
      ...[...new Set(failures.map(({ labels }) => labels.integration))].map((integration) => ({
        problem: `messages by ${integration} failed since Alertmanager started`,
        remedy: `docker logs ${name}: mail server, password, address of the webhook? Then docker restart ${name}`,
      })),
    ];
  },
};
