import { existsSync } from "node:fs";
import { assetText } from "../../../constructs/core/asset";
import { TestAuthority } from "../../support/certificates";
import { describeUnless, missingProgram } from "../../support/needs";
import { OWN_USER, Sandbox } from "../../support/sandbox";

const PAIR = [
  "create tls_certificate provided-certificate tls_key wiki.example.com",
  "create tls_key provided-file - -",
  `give tls_certificate traefik ${OWN_USER}`,
  `give tls_key traefik ${OWN_USER}`,
];
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

  describe("of a certificate and its key", () => {
    const authority = new TestAuthority();
    const first = authority.issue(["wiki.example.com"]);
    const second = authority.issue(["wiki.example.com"]);
    const put = (name: string, value: string) => {
      const input = sandbox.file("value", value);
      return sandbox.sh(["-c", `BOOKSTACK_ROOT=${sandbox.directory} BOOKSTACK_SECRETS_GNUPG=1 sh secrets.sh test put ${name} <${input}`]);
    };
    const served = (name: string) => sandbox.read(`run/bookstack/test/secrets/traefik/${name}`);
    beforeEach(() => {
      for (const [name, value] of [
        ["tls_certificate", authority.chain(first)],
        ["tls_key", first.key],
      ] as const)
        expect(put(name, value).status).toBe(0);
      sandbox.file("etc/bookstack/secrets/manifest", [...MANIFEST, ...PAIR].map((line) => `${line.replaceAll(" ", "\t")}\n`).join(""));
      expect(run("apply")).toMatchObject({ status: 0, stderr: "" });
    });
    afterAll(() => authority.remove());

    test("hands one over only with the other: alone it would leave the edge without any", () => {
      const kept = put("tls_certificate", authority.chain(second));
      expect(kept).toMatchObject({ status: 0, stdout: expect.stringContaining("kept, and not in use yet: the certificate cannot be used:") });
      expect([served("tls_certificate"), served("tls_key")]).toEqual([authority.chain(first), first.key]);
      expect(put("tls_key", second.key)).toMatchObject({ status: 0, stdout: "" });
      expect([served("tls_certificate"), served("tls_key")]).toEqual([authority.chain(second), second.key]);
    });

    test("does not make one anew that somebody else signed", () => {
      for (const name of ["tls_certificate", "tls_key"]) expect(run("rotate", name).stderr).toContain(`${name} comes from you`);
    });
  });
});
