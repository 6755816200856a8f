import { check } from "../../../../../lib/operations/verify/checks/host-watch";
import { localEnvironment } from "../../../../support/example";
import { findings, hoursAgo, targetOf } from "../target";

const hardened = (lines: readonly string[] | undefined) => ({
  subject: { environment: { ...localEnvironment(), host: {} } },
  inside: {
    hostFiles: async (directory: string) =>
      lines === undefined || directory !== "/var/lib/node-exporter/textfile" ? undefined : { "host.prom": lines.join("\n") },
  },
});

test("holds where the host looked a few minutes ago", async () => {
  expect(await findings(check, hardened([`host_checks_last_run_timestamp_seconds ${hoursAgo(0.2)}`]))).toEqual([]);
});

test.each([
  ["checks that stopped", [`host_checks_last_run_timestamp_seconds ${hoursAgo(3)}`], "the host was last checked 180 minutes ago"],
  ["no checks", [], "unknown: the host does not say when it was last checked"],
  ["no directory", undefined, "unknown: the host does not say when it was last checked"],
])("%s is found", async (_, lines, problem) => {
  expect(await findings(check, hardened(lines))).toEqual([problem]);
});

test("a host that is left alone is not looked at", () => {
  expect(check.skip?.(targetOf())).toBe("this environment does not configure the host");
});
