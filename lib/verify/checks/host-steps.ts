import type { Check, Finding } from "../check";
import { samplesOf } from "../metrics";
import type { Subject } from "../subject";

/** Where the host leaves what its own checks found. */
const DIRECTORY = "/var/lib/node-exporter/textfile";
/** The checks run every quarter of an hour. */
const MOST_MINUTES = 60;

export const check: Check = {
  name: "host-steps",
  promise: "the host is as it was hardened: firewall, bans, audit, kernel, Docker's own settings",
  skip: ({ environment }) => (isHardened(environment) ? undefined : "the host is left alone in this environment"),
  async run({ environment: { name }, inside, now }): Promise<Finding[]> {
    const files = (await inside.hostFiles(DIRECTORY)) ?? {};
    const text = Object.values(files).join("\n");
    const [last] = samplesOf(text, "host_checks_last_run_timestamp_seconds");
    const remedy = `npm run deploy -- ${name}; on the host: systemctl status bookstack-checks.timer`;
    if (last === undefined) return [{ problem: "the host was never checked", remedy }];
    const minutes = Math.floor((now().getTime() / 1000 - last.value) / 60);
    const drift = samplesOf(text, "host_step_drift").filter(({ value }) => value !== 0);
    return [
      ...(minutes > MOST_MINUTES ? [{ problem: `the host was last checked ${minutes} minutes ago`, remedy }] : []),
      ...drift.map(({ labels }) => ({
        problem: `the host differs in ${labels.step}`,
        remedy: `see what differs: npm run plan -- ${name}; then npm run deploy -- ${name}`,
      })),
    ];
  },
};

function isHardened(environment: Subject["environment"]): boolean {
  const { host } = environment as { host?: unknown };
  return host !== undefined && host !== "none";
}
