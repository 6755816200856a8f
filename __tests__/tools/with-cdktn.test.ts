import { readFileSync } from "node:fs";
import { join } from "node:path";
import { withCdktn } from "../../tools/with-cdktn";
import { ROOT } from "../support/needs";

const TEXT = readFileSync(join(ROOT, "package.json"), "utf8");

test("package.json with cdktn keeps everything else, and each provider takes it in place of cdktf", () => {
  const before = JSON.parse(TEXT);
  const { dependencies, overrides, ...rest } = JSON.parse(withCdktn(TEXT));
  expect(rest).toEqual({ ...before, dependencies: undefined, overrides: undefined });
  expect(dependencies).toEqual({ ...before.dependencies, cdktf: expect.stringMatching(/^npm:cdktn@\d+\.\d+\.\d+$/), constructs: expect.any(String) });
  for (const provider of ["cloudflare", "docker", "null"]) {
    expect(overrides[`@cdktf/provider-${provider}`]).toEqual({ cdktf: "$cdktf", constructs: "$constructs" });
  }
});

test("a second time changes nothing", () => {
  expect(withCdktn(withCdktn(TEXT))).toBe(withCdktn(TEXT));
});
