import fc from "fast-check";
import { Duration } from "../../../constructs/core/duration";

describe("Duration", () => {
  test.each([
    ["90s", 90_000],
    ["1m30s", 90_000],
    ["500ms", 500],
    ["12h", 43_200_000],
    ["1h0m0.25s", 3_600_250],
    ["1.001s", 1001],
    ["0s", 0],
  ])("reads %s", (text, milliseconds) => {
    expect(Duration.parse(text).milliseconds).toBe(milliseconds);
  });

  test.each(["", "90", "s", "1.5h", "1.0001s", "-1s", "1 s", "1d", "1m30"])("refuses %j and shows how to write it", (text) => {
    expect(() => Duration.parse(text)).toThrow(`"${text}" is no duration; write it like 90s, 1m30s or 12h`);
  });

  test("refuses what a number cannot hold exactly", () => {
    expect(() => Duration.parse("9999999999999h")).toThrow("longer than can be counted");
  });

  // the engine gives durations back like this; any other form is a difference in every plan
  test.each([
    ["90s", "1m30s"],
    ["60m", "1h0m0s"],
    ["3600500ms", "1h0m0.5s"],
    ["1500ms", "1.5s"],
    ["999ms", "999ms"],
    ["0m", "0s"],
  ])("writes %s as Go does", (text, written) => {
    expect(`${Duration.parse(text)}`).toBe(written);
  });

  test("is parsed back to the same value", () => {
    const durations = fc.integer({ min: 0, max: 10 ** 9 }).map((milliseconds) => Duration.parse(`${milliseconds}ms`));
    fc.assert(fc.property(durations, (duration) => expect(Duration.parse(`${duration}`).milliseconds).toBe(duration.milliseconds)));
  });
});
