import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { assetPath } from "../../constructs/core/asset";
import { describeUnless, missingProgram, ROOT } from "../support/needs";

const DIRECTORY = assetPath("edge/traefik/assets/queue");
/** The home of the tests is new each time, and Go would compile its standard library into it. */
const ENVIRONMENT = { GOTOOLCHAIN: "local", GOFLAGS: "", GOCACHE: join(ROOT, "node_modules", ".cache", "go") };

function go(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync("go", args, { cwd: DIRECTORY, encoding: "utf8", env: { ...process.env, ...ENVIRONMENT } });
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
