import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "../../../support/checkout";
import { describeUnless } from "../../../support/needs";

jest.setTimeout(120_000);

/** A separate network without a route. */
const UNSHARE = ["--user", "--map-root-user", "--net"];
const program = spawnSync("sh", ["-c", "command -v unshare"], { encoding: "utf8" }).stdout.trim();
const cannot = spawnSync(program, [...UNSHARE, "true"]).status === 0 ? undefined : "unshare cannot make a network namespace";

describeUnless(cannot, "npm run lock without a network", () => {
  const checkout = Checkout.whole();
  // what Terraform 1.11 says
  const terraform = `[ "$1" = version ] && exit 0
echo "│ Error: Could not retrieve providers for locking
│ - registry.terraform.io/kreuzwerker/docker: could not connect to
│ registry.terraform.io: failed to request discovery document: Get" >&2
exit 1`;
  const lock = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, [...UNSHARE, process.execPath, "lib/cli/bin.js", "lock", ...args], {
      cwd: checkout.directory,
      encoding: "utf8",
      env: { PATH: `${checkout.path("offline", { terraform })}`, HOME: checkout.directory },
    });
    return { status, stdout, stderr };
  };
  const REMEDY = "\n  → this command needs the internet: check the connection, the name server and the firewall, then run it again\n";

  beforeAll(() => writeFileSync(join(checkout.directory, "images.lock.json"), "{}"));
  afterAll(() => checkout.remove());

  test("says once which registry cannot be reached, and changes nothing", () => {
    expect(lock()).toEqual({ status: 1, stdout: "", stderr: `https://registry-1.docker.io cannot be reached; images.lock.json is unchanged${REMEDY}` });
    expect(checkout.read("images.lock.json")).toBe("{}");
  });

  test("says the same of the providers", () => {
    expect(lock("--only", "providers")).toEqual({
      status: 1,
      stdout: "",
      stderr: `registry.terraform.io cannot be reached; terraform.lock.hcl is unchanged${REMEDY}`,
    });
  });
});
