import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Checkout } from "../__tests__/support/checkout";
import { describeUnless } from "../__tests__/support/needs";
import { Deployment, docker, succeeded, WORK } from "./support/deployment";
import { LEFT_OUT, TERRAFORM_ENVIRONMENT } from "./support/needs";

const CLI = "cdktf-cli@0.21.0";
const WIKI = new Deployment({ name: "ctf", http: 18_099, https: 18_449, subnets: 248 });
/** Where providers may be on a machine without a registry. */
const MIRROR = join(userInfo().homedir, ".terraform.d", "plugins");
const missing =
  LEFT_OUT ?? (spawnSync("npx", ["--yes", CLI, "--version"], { stdio: "ignore", timeout: 300_000 }).status === 0 ? undefined : `${CLI} cannot be had here`);

describeUnless(missing, "the command line of cdktf, in a checkout of its own", () => {
  const checkout = Checkout.whole();
  const run = (program: string, ...args: readonly string[]) =>
    spawnSync(program, args, { cwd: checkout.directory, encoding: "utf8", env: TERRAFORM_ENVIRONMENT, maxBuffer: 64 * 2 ** 20 });
  const cdktf = (...args: readonly string[]) => stripVTControlCharacters(succeeded(run("npx", "--yes", CLI, ...args)));

  beforeAll(() => {
    WIKI.clean();
    // cdktf makes a stack of every environment
    rmSync(join(checkout.directory, "environments", "local.yaml"));
    copyFileSync(join(WORK, `${WIKI.name}.yaml`), join(checkout.directory, "environments", `${WIKI.name}.yaml`));
    // without a lock file cdktf asks the registry; of the providers only those that the stack needs are wanted
    if (existsSync(MIRROR)) run(process.execPath, "lib/cli/bin.js", "lock", "--only", "providers", "--mirror", MIRROR);
  });

  afterAll(() => {
    WIKI.clean();
    checkout.remove();
  });

  test("plans, deploys, shows the addresses, and destroys", () => {
    expect(cdktf("diff", WIKI.name)).toMatch(/Plan: \d+ to add, 0 to change, 0 to destroy/);
    expect(cdktf("deploy", WIKI.name, "--auto-approve")).toContain(`bookstack_url = https://bookstack.wiki.localhost:${WIKI.https}`);
    const running = docker("ps", "--filter", `label=secure-bookstack.namespace=${WIKI.name}`, "--format", "{{.Names}} {{.Status}}").split("\n");
    expect(running.length).toBeGreaterThan(5);
    expect(running.filter((line) => !line.includes("(healthy)"))).toEqual([]);
    expect(cdktf("output", WIKI.name)).toContain(`https://auth.wiki.localhost:${WIKI.https}`);
    cdktf("destroy", WIKI.name, "--auto-approve");
    expect(WIKI.onEngine()).toEqual([]);
  });
});
