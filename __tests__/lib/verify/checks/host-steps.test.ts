import { check } from "../../../../lib/verify/checks/host-steps";
import { localEnvironment } from "../../../support/example";
import { findings, hoursAgo, subjectOf } from "../subject";

const hardened = (lines: readonly string[] | undefined) => ({
  subject: { environment: { ...localEnvironment(), host: {} } },
  inside: {
    hostFiles: async (directory: string) =>
      lines === undefined || directory !== "/var/lib/node-exporter/textfile" ? undefined : { "host.prom": lines.join("\n") },
  },
});
const LAST = `host_checks_last_run_timestamp_seconds ${hoursAgo(0.2)}`;

test("holds where the host found nothing a few minutes ago", async () => {
  expect(await findings(check, hardened([LAST, 'host_step_drift{step="firewall"} 0']))).toEqual([]);
});

test.each([
  ["a firewall that was changed", [LAST, 'host_step_drift{step="firewall"} 1'], "the host differs in firewall"],
  ["checks that stopped", [`host_checks_last_run_timestamp_seconds ${hoursAgo(2)}`], "the host was last checked 120 minutes ago"],
  ["no checks", [], "the host was never checked"],
  ["no directory", undefined, "the host was never checked"],
])("%s is found", async (_, lines, problem) => {
  expect(await findings(check, hardened(lines))).toEqual([problem]);
});

test.each([{}, { host: "none" }])("a host that is left alone is not looked at: %j", (more) => {
  expect(check.skip?.(subjectOf({ subject: { environment: { ...localEnvironment(), ...more } } }))).toBe("the host is left alone in this environment");
});
