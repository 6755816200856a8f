import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../../support/needs";
import { Sandbox } from "../../../support/sandbox";

jest.setTimeout(60_000);

/** An engine with a backup that has one set; its check ends as the test wants. */
function listing(check: string, ...options: readonly string[]) {
  const sandbox = new Sandbox();
  const set = "printf 'set\\t20260101T000000Z\\t1048576\\t-\\t-\\n'";
  const inspected = `echo '[{"State": {"Running": true}}]'`;
  sandbox.command("docker", `case $* in *"container inspect"*) ${inspected} ;; *check.sh*) ${check} ;; *list.sh*) ${set} ;; *) echo 28.0.0 ;; esac`);
  const ended = spawnSync(process.execPath, [join(ROOT, "lib/cli/bin.js"), "backups", "local", ...options], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, PATH: `${sandbox.path("bin")}:${process.env.PATH}` },
  });
  sandbox.remove();
  return ended;
}

test.each([
  ["a remote that is damaged ends with 1, and the list is shown all the same", "echo 'backup: offsite is not whole' >&2; exit 1", 1, /offsite is not whole/],
  ["remotes that are whole end with 0", "echo 'backup: offsite is whole'", 0, /^backup: offsite is whole\n$/],
] as const)("backups --check: %s", (_, check, code, pattern) => {
  const { status, stdout, stderr } = listing(check, "--check");
  expect(stderr).toMatch(pattern);
  expect(stdout).toContain("20260101T000000Z");
  expect(status).toBe(code);
});

test("without --check no remote is read", () => {
  expect(listing("exit 1")).toMatchObject({ status: 0, stderr: "" });
});
