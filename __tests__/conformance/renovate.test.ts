import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeImageLock } from "../../lib/stack/image-lock";
import { lockable } from "../../lib/stack/images";
import { describeUnless, missingProgram, ROOT } from "../support/needs";
import { CONFIG, found } from "../support/renovate";
import { Sandbox } from "../support/sandbox";

const DIGEST = `sha256:${"a".repeat(64)}`;

test("every image of the table is found, with its version", () => {
  const images = ["lib/stack/images.ts", "constructs/edge/images.ts"]
    .flatMap((file) => found(file, readFileSync(join(ROOT, file), "utf8")))
    .map(({ depName, currentValue }) => `${depName}:${currentValue}`);
  expect([...new Set(images)].sort()).toEqual(lockable([]));
});

test("every image of the lock file is found, with its digest", () => {
  const sandbox = new Sandbox();
  const names = [...lockable([]), "registry.example.com:5000/team/wiki:1.0"];
  writeImageLock(Object.fromEntries(names.map((name) => [name, { digest: DIGEST, platforms: { "linux/amd64": DIGEST } }])), sandbox.directory);
  const images = found("images.lock.json", sandbox.read("images.lock.json"));
  sandbox.remove();
  expect(images.map(({ depName, currentValue }) => `${depName}:${currentValue}`).sort()).toEqual([...names].sort());
  expect(images.filter(({ currentDigest }) => currentDigest !== DIGEST)).toEqual([]);
});

test("every provider of Terraform's lock file is found", () => {
  const block = (source: string) =>
    `provider "registry.terraform.io/${source}" {\n  version     = "3.6.2"\n  constraints = "3.6.2"\n  hashes = [\n    "h1:x=",\n  ]\n}\n`;
  expect(found("terraform.lock.hcl", block("kreuzwerker/docker") + block("hashicorp/null"))).toEqual([
    { depName: "kreuzwerker/docker", currentValue: "3.6.2" },
    { depName: "hashicorp/null", currentValue: "3.6.2" },
  ]);
});

describeUnless(missingProgram("renovate-config-validator"), "Renovate itself", () => {
  const validate = (text: string) => {
    const sandbox = new Sandbox();
    sandbox.file("renovate.json", text);
    const { status, stdout } = spawnSync("renovate-config-validator", ["--strict", "--no-global"], {
      cwd: sandbox.directory,
      encoding: "utf8",
      env: { ...process.env, LOG_LEVEL: "info" },
    });
    sandbox.remove();
    return { status, stdout };
  };

  test("accepts the configuration", () => {
    expect(validate(JSON.stringify(CONFIG))).toMatchObject({ status: 0 });
  });

  test("would not accept another one", () => {
    expect(validate(JSON.stringify({ ...CONFIG, customManager: [] })).status).not.toBe(0);
  });
});
