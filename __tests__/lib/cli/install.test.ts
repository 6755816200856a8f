import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "../../support/checkout";

// a process takes a fraction of a second, and many times that on a machine with other things to do
jest.setTimeout(120_000);

const { tooOld } = require("../../../lib/cli/install.js") as { tooOld(version: string): string | undefined };

const LOCK = {
  packages: {
    "": {},
    "node_modules/tsx": { version: "1.0.0" },
    "node_modules/for-others": { version: "1.0.0", optional: true },
    "node_modules/jest": { version: "1.0.0", dev: true },
  },
};
/** What a stub of npm does in place of an installation. */
const INSTALL = "/bin/mkdir -p node_modules/tsx && echo {} > node_modules/tsx/package.json && : > node_modules/tsx/cjs.js";
let clone: Checkout;

beforeEach(() => {
  clone = Checkout.of("lib/cli/bin.js", "lib/cli/install.js", "lib/cli/cdktf.js", "lib/cli/typescript.js", "lib/system/exclusive.js");
  clone.file("package-lock.json", JSON.stringify(LOCK));
  // placeholder for the TypeScript code
  clone.file("lib/cli/main.ts", 'exports.start = () => console.log("TypeScript runs");');
  clone.file("main.ts", 'console.log("synthesized")');
  clone.file("lib/cli/preload.js", "");
});

afterEach(() => clone.remove());

/** Packages that were installed with npm, without us. */
function installed(packages: object): void {
  clone.file("node_modules/.package-lock.json", JSON.stringify({ packages }));
  for (const path of Object.keys(packages).filter((name) => name !== "")) clone.file(`${path}/package.json`, "{}");
  clone.file("node_modules/tsx/cjs.js", "");
}

function npm(script = INSTALL): Readonly<Record<string, string>> {
  return { PATH: clone.path("npm", { npm: `echo "$*" >> "${clone.directory}/npm-was-called"\n${script}` }) };
}

function calls(): string[] {
  return existsSync(join(clone.directory, "npm-was-called")) ? clone.read("npm-was-called").trim().split("\n") : [];
}

const HANDED_OVER = { status: 0, stdout: "TypeScript runs\n" };

describe("packages are installed once", () => {
  test("when they are missing, with those of developers, wherever it is called from", async () => {
    const { stderr, ...ended } = await clone.command("start", { ...npm(), NODE_ENV: "production" });
    expect(ended).toEqual(HANDED_OVER);
    expect(stderr).toMatch(/^Installing the packages of package-lock\.json/);
    expect(calls()).toEqual([expect.stringMatching(/^ci --include=dev /)]);
    // npm left those of developers out all the same, as with omit=dev: that is no reason to install at every start
    expect(await clone.node(["lib/cli/cdktf.js"], { ...npm(), NODE_ENV: "production" })).toEqual({ status: 0, stdout: "synthesized\n", stderr: "" });
    expect(calls()).toHaveLength(1);
  });

  test.each([
    ["another version is there", () => installed({ ...LOCK.packages, "node_modules/tsx": { version: "0.9.0" } })],
    ["npm was killed: a package is known, but not there", () => clone.file("node_modules/.package-lock.json", JSON.stringify(LOCK))],
    ["package-lock.json has changed since", () => clone.file("node_modules/.secure-bookstack-installed", "of another lock file")],
    [
      "a process that was installing was killed",
      () => {
        mkdirSync(join(clone.directory, ".installing"));
        writeFileSync(join(clone.directory, ".installing/pid"), "4194304");
      },
    ],
  ])("again when %s", async (_, before) => {
    before();
    expect(await clone.command("start", npm())).toMatchObject(HANDED_OVER);
    expect(calls()).toHaveLength(1);
    expect(existsSync(join(clone.directory, ".installing"))).toBe(false);
  });

  test("never when they are there, without those of other machines and of developers", async () => {
    installed({ "": {}, "node_modules/tsx": { version: "1.0.0" } });
    expect(await clone.command("start", npm())).toEqual({ ...HANDED_OVER, stderr: "" });
    expect(calls()).toEqual([]);
  });

  test("not again when only the version of this repository has changed", async () => {
    await clone.command("start", npm());
    clone.file("package-lock.json", JSON.stringify({ version: "9.9.9", packages: { ...LOCK.packages, "": { version: "9.9.9" } } }));
    expect(await clone.command("start", npm())).toEqual({ ...HANDED_OVER, stderr: "" });
    expect(calls()).toHaveLength(1);
  });

  test("with those of developers for tests", async () => {
    installed({ "": {}, "node_modules/tsx": { version: "1.0.0" } });
    expect(await clone.command("test", npm())).toMatchObject(HANDED_OVER);
    expect(calls()).toHaveLength(1);
  });

  test("by one of two starts at the same time; the other waits", async () => {
    const slow = npm(`/bin/sleep 1; ${INSTALL}`);
    const both = await Promise.all([clone.command("start", slow), clone.command("start", slow)]);
    expect(both).toEqual([expect.objectContaining(HANDED_OVER), expect.objectContaining(HANDED_OVER)]);
    expect(both.filter(({ stderr }) => stderr.startsWith("Another process is installing the packages"))).toHaveLength(1);
    expect(calls()).toHaveLength(1);
  });
});

test("an npm that goes on after its parent was killed is waited for: two at once break each other's packages", async () => {
  const log = join(clone.directory, "log");
  const slow = npm(`echo begin >> "${log}"; /bin/sleep 2; ${INSTALL}; echo end >> "${log}"`);
  const killed = spawn(process.execPath, ["lib/cli/bin.js", "start"], { cwd: clone.directory, env: { ...slow }, stdio: "ignore" });
  while (!existsSync(log)) await new Promise((resolve) => setTimeout(resolve, 20));
  killed.kill("SIGKILL");
  const { stderr, ...ended } = await clone.command("start", slow);
  expect(ended).toEqual(HANDED_OVER);
  expect(stderr).toMatch(/^Another process is installing the packages; waiting for it …\n/);
  expect(readFileSync(log, "utf8")).toMatch(/^(begin\nend\n)+$/);
});

describe("one sentence says what to do", () => {
  test("when the packages cannot be had", async () => {
    const { status, stdout, stderr } = await clone.command("start", npm("echo 'npm error network' >&2; exit 1"));
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/npm error network\nthe packages could not be installed: npm's reason is above; .*run: npm ci --include=dev\n$/);
  });

  test("when there is no npm", async () => {
    const { status, stderr } = await clone.command("start");
    expect([status, stderr]).toEqual([1, expect.stringMatching(/\nthe packages could not be installed: npm could not be started \(ENOENT\); /)]);
  });

  test("when a file of a package is missing", async () => {
    installed({ "": {}, "node_modules/tsx": { version: "1.0.0" } });
    clone.file("node_modules/tsx/cjs.js", 'require("./_tokens")');
    const { status, stdout, stderr } = await clone.command("start", npm());
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(`a package in ${join(clone.directory, "node_modules")} is incomplete; run: npm ci --include=dev\n`);
  });

  test("when this Node.js is too old", async () => {
    const old = clone.file("old.js", 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.0" } });');
    const { status, stderr } = await clone.node(["--require", old, "lib/cli/bin.js", "start"], npm());
    expect([status, stderr]).toEqual([1, "Node.js 20.12 or later is needed, this is v18.20.0; get it from https://nodejs.org\n"]);
    expect(calls()).toEqual([]);
  });
});

test.each([
  ["18.20.0", true],
  ["20.0.0", true],
  ["20.11.1", true],
  ["20.12.0", false],
  ["22.0.0", false],
  ["24.4.0", false],
])("Node.js %s is too old: %s", (version, old) => {
  expect(tooOld(version) !== undefined).toBe(old);
});
