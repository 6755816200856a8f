import { check } from "../../../../lib/verify/checks/backup-age";
import { backedUp } from "../backup";
import { findings, hoursAgo, subjectOf } from "../subject";

const GOOD = [`backup_last_success_timestamp_seconds ${hoursAgo(10)}`, "backup_last_attempt_success 1", 'backup_remote_success{remote="offsite"} 1'];

test("holds where one was made last night", async () => {
  expect(await findings(check, backedUp(GOOD))).toEqual([]);
});

test.each([
  ["one that is old", [`backup_last_success_timestamp_seconds ${hoursAgo(27)}`], "the last backup is 27 hours old"],
  ["a failure since", [...GOOD.slice(0, 1), "backup_last_attempt_success 0"], "the last attempt to make a backup failed"],
  ["a remote without it", [...GOOD.slice(0, 2), 'backup_remote_success{remote="offsite"} 0'], "the remote offsite did not get the last backup"],
  ["a remote that is damaged", [...GOOD, 'backup_remote_check_success{remote="offsite"} 0'], "the remote offsite was found damaged at its last check"],
  ["none at all", [], "no backup was ever made"],
  ["none at all, in numbers", ["backup_last_success_timestamp_seconds 0"], "no backup was ever made"],
])("%s is found", async (_, lines, problem) => {
  expect(await findings(check, backedUp(lines))).toEqual([problem]);
});

test("none on the first day is no mistake", async () => {
  expect(await findings(check, backedUp([], 2))).toEqual([]);
});

test("metrics that cannot be found are one", async () => {
  const { subject } = backedUp(GOOD);
  await expect(findings(check, { subject, inside: { inspect: async () => [] } })).rejects.toThrow("the backup is not there, or writes no metrics");
});

test("without backups there is nothing to look at", () => {
  expect(check.skip?.(subjectOf())).toBe("this environment makes no backups");
});
