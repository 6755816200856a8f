import { assetText } from "../../constructs/core/asset";
import { planned } from "../support/application";
import { assetFiles } from "../support/assets";
import { localEnvironment } from "../support/example";
import { hostScripts } from "../support/host-parts";
import { describeUnless, missingProgram } from "../support/needs";

import { Sandbox } from "../support/sandbox";

const assets = assetFiles()
  .filter((path) => path.endsWith(".sh"))
  .map((path): [name: string, text: string] => [`constructs/${path}`, assetText(path)]);
const rendered = planned(localEnvironment())
  .files()
  .filter(({ path, text }) => path.endsWith(".sh") && !assets.some(([, asset]) => asset === text))
  .map(({ container, path, text }): [name: string, text: string] => [`${container}:${path}`, text]);
const host = [...hostScripts()].map(([part, text]): [name: string, text: string] => [`host:${part}`, text]);
/** Scripts as they lie in the repository, and those that are rendered. */
const scripts = [...assets, ...rendered, ...host];

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = new Sandbox();
});
afterAll(() => sandbox.remove());

/** What `command`, which ends in the name of a script, says about `text`. */
function said(command: string, text: string) {
  sandbox.file("script.sh", text);
  return sandbox.sh(["-c", `${command} script.sh`]);
}

test("there are scripts to look at", () => {
  expect(scripts.map(([name]) => name)).toEqual(
    expect.arrayContaining(["constructs/secrets/assets/create-secrets.sh", "local-volume-owners:owners.sh", "host:firewall"]),
  );
});

test.each(scripts)("%s begins as a POSIX script that ends at the first mistake", (_, text) => {
  expect(text).toMatch(/^#!\/bin\/sh\n/);
  expect(text).toMatch(/^set -eu$/m);
});

describe("sh -n", () => {
  test.each(scripts)("understands %s", (_, text) => {
    expect(said("sh -n", text)).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("would refuse what is no script", () => {
    expect(said("sh -n", "if true; then echo; }").status).not.toBe(0);
  });
});

describeUnless(missingProgram("shellcheck"), "shellcheck", () => {
  test.each(scripts)("has nothing against %s", (_, text) => {
    expect(said("shellcheck --shell=sh", text)).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("would have something against an unquoted variable", () => {
    expect(said("shellcheck --shell=sh", "#!/bin/sh\nrm -rf $1/data\n").stdout).toContain("SC2086");
  });
});
