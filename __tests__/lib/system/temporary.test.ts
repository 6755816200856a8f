import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "../../support/checkout";
import { ROOT } from "../../support/needs";

jest.setTimeout(60_000);

/** A process that makes a directory, prints its path, and then does something. */
function start(then: string) {
  const script = `require("tsx/cjs"); const { temporaryDirectory } = require("./lib/system/temporary.ts"); console.log(temporaryDirectory()); ${then}`;
  const child = spawn(process.execPath, ["-e", script], { cwd: ROOT, stdio: ["ignore", "pipe", "ignore"] });
  const path = new Promise<string>((resolve) => child.stdout.once("data", (text) => resolve(`${text}`.trim())));
  const ended = new Promise((resolve) => child.on("close", (code, signal) => resolve(signal ?? code)));
  return { child, path, ended };
}

test.each([
  ["ends", "", 0],
  ["fails", 'throw new Error("no");', 1],
])("a temporary directory is removed when the process %s", async (_, then, code) => {
  const { path, ended } = start(then);
  expect([await ended, existsSync(await path)]).toEqual([code, false]);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("a temporary directory is removed on %s, and the process ends by it", async (signal) => {
  const { child, path, ended } = start("setTimeout(() => {}, 60_000);");
  expect(existsSync(await path)).toBe(true);
  child.kill(signal);
  expect([await ended, existsSync(await path)]).toEqual([signal, false]);
});

describe("npm start", () => {
  const checkout = Checkout.whole();
  const places = { HOME: join(checkout.directory, "home"), TMPDIR: join(checkout.directory, "temporary") };

  beforeAll(() => {
    for (const place of Object.values(places)) mkdirSync(place);
    // its own packages, as far as something is written there
    rmSync(join(checkout.directory, "node_modules"));
    mkdirSync(join(checkout.directory, "node_modules"));
    const packages = readdirSync(join(ROOT, "node_modules")).filter((name) => name !== ".cache");
    for (const name of packages) symlinkSync(join(ROOT, "node_modules", name), join(checkout.directory, "node_modules", name));
  });

  afterAll(() => checkout.remove());

  test("writes nothing into the home directory and the temporary one", async () => {
    expect(await checkout.command("start", places)).toMatchObject({ status: 0, stderr: "" });
    expect(Object.values(places).map((place) => readdirSync(place))).toEqual([[], []]);
  });

  test("keeps what it compiled beside the packages, where no other account can write", () => {
    expect(readdirSync(join(checkout.directory, "node_modules/.cache"))).toEqual([expect.stringMatching(/^tsx/)]);
  });
});
