import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeUnless } from "../__tests__/support/needs";
import { Browser } from "./support/browser";
import { Deployment, succeeded, WORK } from "./support/deployment";
import { LEFT_OUT } from "./support/needs";

const ROOT = join(__dirname, "..");
const WIKI = new Deployment({ name: "upp", http: 18_234, https: 18_236, subnets: 252 });

function git(...args: readonly string[]): string {
  const { status, stdout } = spawnSync("git", ["-C", ROOT, ...args], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : "";
}

/** Commit of the previous release; nothing in a clone without history. */
const RELEASE = process.env.E2E_PREVIOUS ?? git("log", "--format=%H", "--grep=^build: release ", "--max-count=1");
const MISSING = RELEASE === "" ? "the history of this clone has no release" : undefined;

describeUnless(LEFT_OUT ?? MISSING, "from the previous release, its state and its data to this one", () => {
  const previous = mkdtempSync(join(tmpdir(), "previous-release-"));
  let browser: Browser;

  /** A command of the previous release. */
  function before(...args: readonly string[]): string {
    const all = [join(previous, "lib/cli/bin.js"), ...args, "--environments", WORK];
    return succeeded(spawnSync(process.execPath, all, { cwd: previous, encoding: "utf8", maxBuffer: 64 * 2 ** 20 }));
  }

  beforeAll(async () => {
    const archive = join(previous, "release.tar");
    succeeded(spawnSync("git", ["-C", ROOT, "archive", "--output", archive, RELEASE], { encoding: "utf8" }));
    succeeded(spawnSync("tar", ["--extract", "--file", archive, "--directory", previous], { encoding: "utf8" }));
    // a copy: the previous release installs what its own lock file says, and would delete packages that run this test
    succeeded(spawnSync("cp", ["--archive", join(ROOT, "node_modules"), previous], { encoding: "utf8" }));
    WIKI.clean();
    before("deploy", WIKI.name);
    browser = new Browser("bookstack.wiki.localhost", WIKI.https, before("ca", WIKI.name));
    const { email, password } = JSON.parse(before("credentials", WIKI.name, "--json")).administrator;
    expect(await browser.signIn(email, password)).toBe(true);
  });

  afterAll(() => {
    WIKI.clean();
    rmSync(previous, { recursive: true, force: true });
  });

  test("an upgrade keeps what people wrote, and the plan is empty afterwards", async () => {
    const path = await browser.makeBook("Written in the previous release");
    // what a checkout of the new release in the same directory has
    cpSync(join(previous, `terraform.${WIKI.name}.tfstate`), WIKI.stateFile());
    mkdirSync(join(ROOT, "cdktf.out", "stacks"), { recursive: true });
    rmSync(WIKI.stackDirectory(), { recursive: true, force: true });
    cpSync(join(previous, "cdktf.out", "stacks", WIKI.name), WIKI.stackDirectory(), { recursive: true, verbatimSymlinks: true });
    const { status, stdout, stderr } = WIKI.command("upgrade", "--yes");
    process.stderr.write(`from ${RELEASE}:\n${stdout}`);
    expect({ status, stderr, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining("\nupp is upgraded.\n") });
    const { status: answered, body } = await browser.ask(path);
    expect([answered, body]).toEqual([200, expect.stringContaining("Written in the previous release")]);
    expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(0);
  });
});
