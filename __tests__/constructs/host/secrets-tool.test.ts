import { existsSync } from "node:fs";
import { assetText } from "../../../constructs/core/asset";
import { describeUnless, missingProgram } from "../../support/needs";
import { OWN_USER, Sandbox } from "../../support/sandbox";

const MANIFEST = [
  "create app_key laravel-key - -",
  "create mysql_password password 32 -",
  `give app_key web ${OWN_USER}`,
  `give mysql_password web ${OWN_USER}`,
];

describeUnless(missingProgram("gpg") ?? missingProgram("flock") ?? missingProgram("openssl"), "the tool that keeps secrets on a host", () => {
  let sandbox: Sandbox;
  /** With a root of its own, and with GnuPG: the key of systemd belongs to this machine. */
  const run = (...words: readonly string[]) =>
    sandbox.sh(["secrets.sh", "test", ...words], { BOOKSTACK_ROOT: sandbox.directory, BOOKSTACK_SECRETS_GNUPG: "1" });
  const given = (name: string) => sandbox.read(`run/bookstack/test/secrets/web/${name}`);
  const kept = () => sandbox.list("etc/bookstack/credentials");

  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.file("secrets.sh", assetText("host/secrets.sh"));
    sandbox.file("etc/bookstack/secrets/create-secrets.sh", assetText("secrets/create-secrets.sh"));
    sandbox.file("etc/bookstack/secrets/manifest", MANIFEST.map((line) => `${line.replaceAll(" ", "\t")}\n`).join(""));
    sandbox.folder("etc/bookstack/credentials");
    sandbox.folder("run");
    expect(run("apply")).toMatchObject({ status: 0, stderr: "" });
    sandbox.file("set/app_key", "old", 0o600);
    sandbox.file("set/mysql_password", given("mysql_password"), 0o600);
    sandbox.file("set/unknown", "of another version", 0o600);
  });
  afterEach(() => sandbox.remove());

  test("leaves nothing in clear but what services have", () => {
    expect(kept()).toEqual(["app_key.cred", "mysql_password.cred"]);
    expect(existsSync(sandbox.path("run/bookstack/test/store"))).toBe(false);
    expect(sandbox.read("etc/bookstack/credentials/app_key.cred")).not.toContain(given("app_key"));
  });

  test("takes secrets of a restored set that differ, and says which; what has no use here stays out", () => {
    expect(run("exchange", "put", sandbox.path("set"))).toEqual({ status: 0, stdout: "app_key\n", stderr: "" });
    expect(given("app_key")).toBe("old");
    run("load");
    // nobody is root here
    expect([given("app_key"), run("check").stdout.replace(/^others than root may read .*\n/gm, "")]).toEqual(["old", ""]);
  });

  test("puts back what was kept before, also after it was called twice", () => {
    const fresh = given("app_key");
    run("exchange", "put", sandbox.path("set"));
    sandbox.file("set/app_key", "another", 0o600);
    run("exchange", "put", sandbox.path("set"));
    expect(run("exchange", "back")).toEqual({ status: 0, stdout: "app_key\n", stderr: "" });
    expect([given("app_key"), kept()]).toEqual([fresh, ["app_key.cred", "mysql_password.cred"]]);
    expect(run("exchange", "back")).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("forgets what was kept before", () => {
    run("exchange", "put", sandbox.path("set"));
    run("exchange", "forget");
    expect(run("exchange", "back").stdout).toBe("");
    expect([given("app_key"), kept()]).toEqual(["old", ["app_key.cred", "mysql_password.cred"]]);
  });

  test("shows no value", () => {
    const said = [["exchange", "put", sandbox.path("set")], ["check"], ["exchange", "back"], ["names"]].map((words) => run(...words));
    expect(said.map(({ stdout, stderr }) => stdout + stderr).join("")).not.toMatch(/\bold\b/);
  });
});
