import { Schedule } from "../../../constructs/core/schedule";

describe("Schedule", () => {
  test.each([
    ["00:00", "0 0 * * *"],
    ["02:05", "5 2 * * *"],
    ["23:59", "59 23 * * *"],
  ])("reads %s of every day", (text, cron) => {
    expect(Schedule.daily(text).cron).toBe(cron);
    expect(`${Schedule.daily(text)}`).toBe(text);
  });

  test.each([
    ["Sunday 04:00", "0 4 * * 0"],
    ["Saturday 23:59", "59 23 * * 6"],
  ])("reads %s of every week", (text, cron) => {
    expect(Schedule.weekly(text).cron).toBe(cron);
  });

  test.each(["", "2:00", "24:00", "12:60", "02:00 ", "02:00\n", "at 02:00"])("refuses %j and shows how to write it", (text) => {
    expect(() => Schedule.daily(text)).toThrow(`"${text}" is no time of day; write it like 02:00`);
  });

  test.each(["Sunday", "sunday 04:00", "Sun 04:00", "Sunday 4:00", "04:00"])("refuses %j as a time of a week", (text) => {
    expect(() => Schedule.weekly(text)).toThrow(`"${text}" is no time of a week; write it like Sunday 04:00`);
  });
});
