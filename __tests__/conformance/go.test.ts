import { spawnSync } from "node:child_process";
import { assetPath } from "../../constructs/core/asset";
import { describeUnless, missingProgram } from "../support/needs";

const DIRECTORY = assetPath("traefik/queue");

function go(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync("go", args, { cwd: DIRECTORY, encoding: "utf8", env: { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "" } });
  return { status, said: `${stdout}${stderr}` };
}

describeUnless(missingProgram("go"), "the queue of the edge, which is a plugin in Go", () => {
  test("is well-formed", () => {
    expect(spawnSync("gofmt", ["-l", "."], { cwd: DIRECTORY, encoding: "utf8" }).stdout).toBe("");
    expect(go("vet", ".")).toEqual({ status: 0, said: "" });
  }, 120_000);

  test("keeps its own tests", () => {
    expect(go("test", "-count=1", ".")).toMatchObject({ status: 0 });
  }, 120_000);
});
