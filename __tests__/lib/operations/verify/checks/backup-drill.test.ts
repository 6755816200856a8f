import { check } from "../../../../../lib/operations/verify/checks/backup-drill";
import { backedUp } from "../backup";
import { findings, hoursAgo, targetOf } from "../target";

const success = (hours: number) => `backup_drill_last_success_timestamp_seconds ${hoursAgo(hours)}`;

test("holds where one was restored this week", async () => {
  expect(
    await findings(check, backedUp([success(24 * 7), "backup_drill_success 1", `backup_drill_last_attempt_timestamp_seconds ${hoursAgo(24 * 7)}`])),
  ).toEqual([]);
});

test.each([
  ["one that is long ago", [success(24 * 9)], "the last test of a restore was 9 days ago"],
  ["a failure", [success(24), "backup_drill_success 0"], "the last test of a restore failed"],
  ["none", [], "no backup was restored for a test yet"],
])("%s is found", async (_, lines, problem) => {
  expect(await findings(check, backedUp(lines))).toEqual([problem]);
});

test("none in the first week, not even tried, is no failure, and not ok either", async () => {
  expect(await findings(check, backedUp(["backup_drill_success 0", "backup_drill_last_attempt_timestamp_seconds 0"], 24 * 3))).toEqual([
    "unknown: no backup was restored for a test yet",
  ]);
});

test("without backups there is nothing to look at", () => {
  expect(check.skip?.(targetOf())).toBe("this environment makes no backups");
});
