import { closingLine, slowestFiles } from "../../tools/closing-line";
import { Sandbox } from "../support/sandbox";

describe("results of jest", () => {
  const sandbox = new Sandbox();
  const results = (skipped: number, broken = 0) =>
    sandbox.file(
      "results.json",
      JSON.stringify({
        numPassedTests: 3,
        numFailedTests: 1,
        numPendingTests: skipped,
        numRuntimeErrorTestSuites: broken,
        testResults: [
          { name: sandbox.path("quick.test.ts"), startTime: 1000, endTime: 1250, assertionResults: [{}] },
          { name: sandbox.path("slow.test.ts"), startTime: 0, endTime: 12_340, assertionResults: [{}, {}] },
        ],
      }),
    );
  afterAll(() => sandbox.remove());

  test("end in one line, which names skipped tests where there are some", () => {
    expect(closingLine(results(0))).toBe("\n3 passed, 1 failed\n");
    expect(closingLine(results(2))).toBe("\n3 passed, 1 failed, 2 skipped\n");
  });

  test("count a failed check and a file that could not be run as failed", () => {
    expect(closingLine(results(0), ["lint and format"])).toBe("\n3 passed, 2 failed (lint and format)\n");
    expect(closingLine(results(2, 1))).toBe("\n3 passed, 2 failed, 2 skipped\n");
  });

  test("list the slowest files, the slowest first", () => {
    expect(slowestFiles(results(0), sandbox.directory).match(/\S+\.test\.ts/g)).toEqual(["slow.test.ts", "quick.test.ts"]);
    expect(slowestFiles(results(0), sandbox.directory)).toMatch(/12\.3 +2 +slow\.test\.ts/);
    expect(slowestFiles(results(0), sandbox.directory, 1)).not.toContain("quick");
  });
});
