import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "../__tests__/support/checkout";
import { describeUnless, ROOT } from "../__tests__/support/needs";
import { succeeded } from "./support/deployment";
import { TERRAFORM_ENVIRONMENT } from "./support/needs";

const missing = spawnSync("npm", ["view", "cdktn@0.24.0", "name"], { timeout: 60_000 }).status === 0 ? undefined : "cdktn cannot be had from the npm registry";

describeUnless(missing, "cdktn in place of cdktf", () => {
  const checkout = Checkout.whole();
  const run = (...argv: readonly string[]) =>
    spawnSync(argv[0] ?? "", argv.slice(1), { cwd: checkout.directory, encoding: "utf8", env: TERRAFORM_ENVIRONMENT, maxBuffer: 64 * 2 ** 20 });
  const plan = (directory: string) => JSON.parse(readFileSync(join(directory, "cdktf.out", "stacks", "local", "cdk.tf.json"), "utf8"));

  beforeAll(() => {
    rmSync(join(checkout.directory, "node_modules"));
    cpSync(join(ROOT, "__tests__"), join(checkout.directory, "__tests__"), { recursive: true });
  });

  afterAll(() => checkout.remove());

  test("installs, synthesizes the same plan, and the plan's tests pass", () => {
    succeeded(run("node", "lib/cli/bin.js", "start", "local"));
    const before = plan(checkout.directory);
    succeeded(run("node", "lib/cli/bin.js", "cdktn"));
    expect(JSON.parse(readFileSync(join(checkout.directory, "node_modules", "cdktf", "package.json"), "utf8")).name).toBe("cdktn");
    // every command installs what package-lock.json says
    succeeded(run("npm", "ci", "--ignore-scripts", "--dry-run"));
    succeeded(run("node", "lib/cli/bin.js", "start", "local"));
    const { "//": comment, ...after } = plan(checkout.directory);
    const { "//": former, ...same } = before;
    expect(after).toEqual(same);
    expect(comment.metadata.version).toBe("0.24.0");
    expect({ ...comment.metadata, version: former.metadata.version }).toEqual(former.metadata);
    succeeded(
      run("node", "node_modules/jest/bin/jest.js", "--maxWorkers=1", "__tests__/plan.test.ts", "__tests__/constructs/core", "__tests__/constructs/policy"),
    );
  });
});
