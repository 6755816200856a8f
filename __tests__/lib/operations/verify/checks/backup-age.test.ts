import { check } from "../../../../../lib/operations/verify/checks/backup-age";
import { localEnvironment } from "../../../../support/example";
import { backedUp } from "../backup";
import { findings, hoursAgo, targetOf, type World } from "../target";

const offsite = (lines: readonly string[]): World => {
  const { subject, inside } = backedUp(lines);
  const local = localEnvironment();
  return { subject: { ...subject, environment: { ...local, backup: { ...local.backup, remotes: [{ name: "offsite", kind: "s3" }] } } }, inside };
};
const GOOD = [`backup_last_success_timestamp_seconds ${hoursAgo(10)}`, "backup_last_attempt_success 1", 'backup_remote_success{remote="offsite"} 1'];

test("holds where one was made last night", async () => {
  expect(await findings(check, backedUp(GOOD))).toEqual([]);
  expect(await findings(check, offsite(GOOD))).toEqual([]);
});

test.each([
  ["one that is old", [`backup_last_success_timestamp_seconds ${hoursAgo(27)}`, ...GOOD.slice(1)], "the last backup is 27 hours old"],
  ["a failure since", [...GOOD.slice(0, 1), "backup_last_attempt_success 0", ...GOOD.slice(2)], "the last attempt to make a backup failed"],
  ["a remote without it", [...GOOD.slice(0, 2), 'backup_remote_success{remote="offsite"} 0'], "the remote offsite did not get the last backup"],
  ["a remote that is damaged", [...GOOD, 'backup_remote_check_success{remote="offsite"} 0'], "the remote offsite was found damaged at its last check"],
  ["none at all", GOOD.slice(2), "no backup was made yet"],
  ["none at all, in numbers", ["backup_last_success_timestamp_seconds 0", ...GOOD.slice(2)], "no backup was made yet"],
])("%s is found", async (_, lines, problem) => {
  expect(await findings(check, offsite(lines))).toEqual([problem]);
});

test("none on the first day is no failure, and not ok either", async () => {
  expect(await findings(check, backedUp([], 2))).toEqual(["unknown: no backup was made yet"]);
  expect(await findings(check, backedUp(["backup_last_attempt_success 0"], 2))).toEqual(["the last attempt to make a backup failed"]);
});

test("a remote that nothing was copied to yet is not ok", async () => {
  expect(await findings(check, offsite(GOOD.slice(0, 2)))).toEqual(["unknown: no backup was copied to the remote offsite yet"]);
});

test("an age without a word on the last attempt is not ok", async () => {
  expect(await findings(check, backedUp(GOOD.slice(0, 1)))).toEqual(["unknown: the backup does not say how its last attempt ended"]);
});

test("the age is that of the threshold of the environment, as the alert has it", async () => {
  const { subject, inside } = backedUp([`backup_last_success_timestamp_seconds ${hoursAgo(27)}`, "backup_last_attempt_success 1"]);
  const local = localEnvironment();
  const environment = { ...local, alerts: { ...local.alerts, thresholds: { ...local.alerts.thresholds, backupHours: 31 } } };
  expect(await findings(check, { subject: { ...subject, environment }, inside })).toEqual([]);
});

test("metrics that cannot be found are one", async () => {
  const { subject } = backedUp(GOOD);
  await expect(findings(check, { subject, inside: { inspect: async () => [] } })).rejects.toThrow("the backup is not there, or writes no metrics");
});

test("without backups there is nothing to look at", () => {
  expect(check.skip?.(targetOf())).toBe("this environment makes no backups");
});
