import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "../__tests__/support/checkout";
import { ROOT } from "../__tests__/support/needs";
import { updated } from "../__tests__/support/renovate";
import { succeeded } from "./support/deployment";

/** Files that name images. */
const FILES = ["lib/stack/images.ts", "constructs/edge/images.ts", "docs/operations/update.md"];
/** Tests that read one of them. */
const SUITES = [
  "__tests__/plan.test.ts",
  "__tests__/docs.test.ts",
  "__tests__/examples.test.ts",
  "__tests__/lib/stack/images.test.ts",
  "__tests__/conformance/renovate.test.ts",
];

/** The next version of the same line. */
const next = (version: string) => version.replace(/\d+$/, (last) => `${Number(last) + 1}`);

test("a bot's update of every image changes the plan, and no test has to be changed", () => {
  const checkout = Checkout.whole();
  for (const directory of ["__tests__", "docs", "e2e", ".ci", ".github"]) {
    cpSync(join(ROOT, directory), join(checkout.directory, directory), { recursive: true, filter: (source) => !source.endsWith("/.work") });
  }
  const run = (...args: readonly string[]) =>
    succeeded(spawnSync(process.execPath, args, { cwd: checkout.directory, encoding: "utf8", maxBuffer: 64 * 2 ** 20 }));
  const images = (): string[] => JSON.parse(run("lib/cli/bin.js", "start", "local", "--json")).containers.map(({ image }: { image: string }) => image);
  const before = images();
  for (const file of FILES) {
    const path = join(checkout.directory, file);
    const text = readFileSync(path, "utf8");
    const newer = updated(file, text, next);
    expect(newer).not.toBe(text);
    writeFileSync(path, newer);
  }
  expect(images().filter((image) => before.includes(image))).toEqual([]);
  run("node_modules/jest/bin/jest.js", "--maxWorkers=1", ...SUITES);
  checkout.remove();
});
