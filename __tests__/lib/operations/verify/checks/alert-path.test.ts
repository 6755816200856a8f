import { check } from "../../../../../lib/operations/verify/checks/alert-path";
import { findings, NOW, SERVICES, service, targetOf } from "../target";

const WATCHDOG = [{ labels: { alertname: "Watchdog" } }];

/** A world with an Alertmanager that has these alerts, and failed so often. */
const watched = (alerts: readonly object[], failed: number, startedSecondsAgo = 3600) => ({
  subject: { services: [...SERVICES, service("alertmanager", ["backend"])] },
  inside: {
    exec: async (container: string, args: readonly string[]) => {
      expect([container, args[0]]).toEqual(["local-alertmanager", "wget"]);
      if (args.at(-1)?.endsWith("/api/v2/alerts")) return JSON.stringify(alerts);
      const counter = (reason: string, count: number) => `alertmanager_notifications_failed_total{integration="email",reason="${reason}"} ${count}`;
      return [
        "# TYPE x counter",
        `process_start_time_seconds ${NOW.getTime() / 1000 - startedSecondsAgo}`,
        counter("clientError", failed),
        counter("other", failed),
        'alertmanager_notifications_failed_total{integration="webhook"} 0',
      ].join("\n");
    },
  },
});

test("holds where what is always raised arrived, and no message failed", async () => {
  expect(await findings(check, watched(WATCHDOG, 0))).toEqual([]);
});

test("an Alertmanager that hears nothing is found", async () => {
  expect(await findings(check, watched([], 0))).toEqual(["the alert Watchdog, which is always raised, did not arrive"]);
});

test("an Alertmanager that has just started may not have heard anything yet", async () => {
  expect(await findings(check, watched([], 0, 30))).toEqual(["unknown: Alertmanager started 30 s ago and has no alert yet"]);
  expect(await findings(check, watched([], 0, 180))).toEqual(["the alert Watchdog, which is always raised, did not arrive"]);
});

test("messages that do not get through are found, once for each way", async () => {
  expect(await findings(check, watched(WATCHDOG, 2))).toEqual(["messages by email failed since Alertmanager started"]);
});

test("an Alertmanager that does not count its messages is not ok", async () => {
  const { subject, inside } = watched(WATCHDOG, 0);
  const exec = async (container: string, args: readonly string[]) => (args.at(-1)?.endsWith("/metrics") ? "" : inside.exec(container, args));
  expect(await findings(check, { subject, inside: { exec } })).toEqual(["unknown: Alertmanager does not say whether messages failed"]);
});

test("without monitoring there is nothing to look at", () => {
  expect(check.skip?.(targetOf())).toBe("nothing watches this environment");
});
