import { HOST_CHECKS_OLD } from "../../../../constructs/monitoring/alert-sources";
import { type Check, type Finding, unknown } from "../check";
import { samplesOf } from "../metrics";

/** Where the host leaves what its own checks found. */
const DIRECTORY = "/var/lib/node-exporter/textfile";

export const check: Check = {
  name: "host-watch",
  promise: "the host checks itself, and says so to the monitoring",
  skip: ({ environment }) => (environment.host === undefined ? "this environment does not configure the host" : undefined),
  async run({ inside, now }): Promise<Finding[]> {
    const files = (await inside.hostFiles(DIRECTORY)) ?? {};
    const [last] = samplesOf(Object.values(files).join("\n"), "host_checks_last_run_timestamp_seconds");
    const remedy = "on the host: systemctl status bookstack-checks.timer";
    if (last === undefined || !Number.isFinite(last.value)) return [unknown("the host does not say when it was last checked", remedy)];
    const minutes = Math.floor((now().getTime() / 1000 - last.value) / 60);
    return 60 * minutes > HOST_CHECKS_OLD ? [{ problem: `the host was last checked ${minutes} minutes ago`, remedy }] : [];
  },
};
