import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { assetText } from "../../../constructs/core/asset";
import { withOperatorTexts } from "../../../constructs/core/operator-texts";
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
  /** With its own root directory, and with GnuPG: the key of systemd belongs to this machine. */
  const run = (...args: readonly string[]) => sandbox.sh(["secrets.sh", "test", ...args], { BOOKSTACK_ROOT: sandbox.directory, BOOKSTACK_SECRETS_GNUPG: "1" });
  const given = (name: string) => sandbox.read(`run/bookstack/test/secrets/web/${name}`);
  const kept = () => sandbox.list("etc/bookstack/credentials");

  /** A host with its secrets, of which each test has a copy: making them takes longer than most tests. */
  let host: Sandbox;
  beforeAll(() => {
    host = new Sandbox();
    sandbox = host;
    sandbox.file("secrets.sh", withOperatorTexts(assetText("host/assets/secrets.sh")));
    sandbox.file("etc/bookstack/secrets/create-secrets.sh", withOperatorTexts(assetText("secrets/assets/create-secrets.sh")));
    sandbox.file("etc/bookstack/secrets/exchange-secrets.sh", assetText("secrets/assets/exchange-secrets.sh"));
    sandbox.file("etc/bookstack/secrets/rotate-secrets.sh", assetText("secrets/assets/rotate-secrets.sh"));
    sandbox.file("etc/bookstack/secrets/manifest", MANIFEST.map((line) => `${line.replaceAll(" ", "\t")}\n`).join(""));
    sandbox.folder("etc/bookstack/credentials");
    sandbox.folder("run");
    expect(run("apply")).toMatchObject({ status: 0, stderr: "" });
    sandbox.file("set/app_key", "old", 0o600);
    sandbox.file("set/mysql_password", given("mysql_password"), 0o600);
    sandbox.file("set/unknown", "of another version", 0o600);
  });
  afterAll(() => host.remove());

  beforeEach(() => {
    sandbox = new Sandbox();
    expect(sandbox.sh(["-c", 'cp -a "$0/." .', host.directory])).toMatchObject({ status: 0, stderr: "" });
  });
  afterEach(() => sandbox.remove());

  test("leaves nothing in clear but what services have", () => {
    expect(kept()).toEqual(["app_key.cred", "mysql_password.cred"]);
    expect(existsSync(sandbox.path("run/bookstack/test/store"))).toBe(false);
    expect(sandbox.read("etc/bookstack/credentials/app_key.cred")).not.toContain(given("app_key"));
  });

  test("encrypts with its random key as it is: choosing how much to stretch it started an agent for each call", () => {
    const commandLine = "--homedir home --batch --no-autostart --pinentry-mode loopback --passphrase-file var/lib/bookstack/secrets.key --list-packets";
    expect(sandbox.sh(["-c", `mkdir -m 700 home && gpg ${commandLine} etc/bookstack/credentials/app_key.cred`]).stdout).toMatch(/cipher 9,.*\n.*count 65536 /);
  });

  test("takes secrets of a restored set that differ, and says which; what has no use here stays out", () => {
    expect(run("exchange", "put", sandbox.path("set"))).toEqual({ status: 0, stdout: "app_key\n", stderr: "" });
    expect(given("app_key")).toBe("old");
    run("load");
    // the tests do not run as root
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

  test("rotates in steps, each of which is encrypted when it ends, and a rotation that was killed continues", () => {
    const old = given("mysql_password");
    for (const step of ["stage", "stage", "hold"]) expect(run("rotation", step, "mysql_password")).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(kept()).toEqual(["app_key.cred", "mysql_password.cred", "mysql_password.next.cred", "mysql_password.previous.cred"]);
    expect([run("rotation", "pending").stdout, run("rotation", "read", "mysql_password.previous").stdout, given("mysql_password")]).toEqual([
      "mysql_password staged\n",
      old,
      old,
    ]);
    const next = run("rotation", "read", "mysql_password.next").stdout;
    expect([run("rotation", "switch", "mysql_password").status, run("rotation", "give").status, given("mysql_password")]).toEqual([0, 0, next]);
    expect(run("rotation", "pending").stdout).toBe("mysql_password switched\n");
    expect([run("rotation", "end", "mysql_password").status, kept()]).toEqual([0, ["app_key.cred", "mysql_password.cred"]]);
    run("load");
    expect([given("mysql_password") === next, next === old]).toEqual([true, false]);
  });

  test("shows no value", () => {
    const messages = [["exchange", "put", sandbox.path("set")], ["check"], ["exchange", "back"], ["names"]].map((args) => run(...args));
    expect(messages.map(({ stdout, stderr }) => stdout + stderr).join("")).not.toMatch(/\bold\b/);
  });

  describe("of certificates that are signed here", () => {
    const SIGNED = [
      "create edge_ca authority example.com -",
      "create edge certificate edge_ca a.example.com",
      `give edge.crt traefik ${OWN_USER}`,
      `give edge.key traefik ${OWN_USER}`,
      `give edge_ca.crt web ${OWN_USER}`,
      "watch edge edge.crt first",
      "watch authority edge_ca.crt first",
    ];
    const served = (name: string) => new X509Certificate(sandbox.read(`run/bookstack/test/secrets/${name}`));
    const days = (name: string) => Math.round((Date.parse(served(name).validTo) - Date.now()) / 86_400_000);
    const metrics = () => sandbox.read("var/lib/node-exporter/textfile/certificates.prom");
    /** The script that signs, with something in it exchanged. */
    const script = (text = "-days 825", other = text) =>
      sandbox.file("etc/bookstack/secrets/create-secrets.sh", withOperatorTexts(assetText("secrets/assets/create-secrets.sh")).replace(text, other));

    beforeEach(() => {
      sandbox.file("etc/bookstack/secrets/certificate-metrics.sh", assetText("secrets/assets/certificate-metrics.sh"));
      sandbox.file("etc/bookstack/secrets/manifest", [...MANIFEST, ...SIGNED].map((line) => `${line.replaceAll(" ", "\t")}\n`).join(""));
      script("-days 825", "-days 20");
      expect(run("apply")).toMatchObject({ status: 0, stderr: "" });
      script();
    });

    test("reports drift for a certificate that was not renewed, and a deploy renews it", () => {
      expect(run("check").stdout).toMatch(/^the certificate edge was not renewed, and ends on [A-Z].* GMT$/m);
      expect(run("apply").status).toBe(0);
      expect(days("traefik/edge.crt")).toBe(825);
      expect(run("check").stdout).not.toContain("was not renewed");
    });

    test("renews it automatically, keeps it encrypted, distributes it, and writes the expiry dates", () => {
      expect(run("renew")).toMatchObject({ status: 0, stdout: "secrets: created edge\n", stderr: "" });
      expect(days("traefik/edge.crt")).toBe(825);
      expect(metrics()).toMatch(/^certificate_end_timestamp_seconds\{certificate="edge"\} \d+$/m);
      expect(metrics()).toContain("certificate_renewal_success 1\n");
      const renewed = sandbox.read("run/bookstack/test/secrets/traefik/edge.crt");
      run("load");
      expect(sandbox.read("run/bookstack/test/secrets/traefik/edge.crt")).toBe(renewed);
      expect(run("renew")).toEqual({ status: 0, stdout: "", stderr: "" });
    });

    test("fails where it cannot renew, and writes the ends and that it failed", () => {
      script("openssl req -new -sha256", "false");
      expect(run("renew")).toMatchObject({ status: 1, stderr: expect.stringContaining("certificates that end soon could not be renewed") });
      expect(metrics()).toContain("certificate_renewal_success 0\n");
      expect(metrics()).toContain('certificate="authority"');
    });

    test("signs the CA certificate again on request, with the same key", () => {
      const before = served("web/edge_ca.crt");
      run("renew");
      expect(run("resign", "edge_ca")).toMatchObject({ status: 0, stdout: "secrets: signed edge_ca again\n" });
      const after = served("web/edge_ca.crt");
      expect([after.publicKey.equals(before.publicKey), after.serialNumber === before.serialNumber]).toEqual([true, false]);
      expect([served("traefik/edge.crt").verify(before.publicKey), served("traefik/edge.crt").checkIssued(after)]).toEqual([true, true]);
    });

    test("rotates the CA in steps: both are trusted, the new one signs, and nothing of the old one is kept", () => {
      run("renew");
      const before = kept();
      const texts = () => sandbox.read("run/bookstack/test/secrets/web/edge_ca.crt").match(/-----BEGIN CERTIFICATE-----[^-]+-----END/g) ?? [];
      const step = (name: string, ...names: readonly string[]) =>
        expect([name, run("rotation", name, ...names)]).toEqual([name, expect.objectContaining({ status: 0, stderr: "" })]);
      const [old] = texts();
      for (const name of ["stage", "hold", "trust"]) step(name, "edge_ca");
      step("give");
      expect([texts().length, texts()[0] === old, run("rotation", "pending").stdout]).toEqual([2, true, "edge_ca overlapping\n"]);
      const [, next] = texts();
      step("switch", "edge_ca");
      step("give");
      expect([texts(), served("traefik/edge.crt").checkIssued(served("web/edge_ca.crt"))]).toEqual([[next, old], true]);
      step("drop", "edge_ca");
      step("give");
      step("end", "edge_ca");
      expect([texts(), kept(), run("rotation", "pending").stdout]).toEqual([[next], before, ""]);
      expect(run("check").stdout.replace(/^others than root may read .*\n/gm, "")).toBe("");
    });

    test("trusts the old CA all the same when it is repeated after a switch that was killed halfway", () => {
      run("renew");
      const old = served("web/edge_ca.crt");
      for (const name of ["stage", "hold", "trust"]) run("rotation", name, "edge_ca");
      // as if only the certificate had been encrypted
      sandbox.sh([
        "-c",
        "cp -p etc/bookstack/credentials/edge_ca.key.cred etc/bookstack/credentials/edge_ca.next.cred etc/bookstack/credentials/edge_ca.next.crt.cred .",
      ]);
      run("rotation", "switch", "edge_ca");
      sandbox.sh(["-c", "cp -p edge_ca.key.cred edge_ca.next.cred edge_ca.next.crt.cred etc/bookstack/credentials/"]);
      for (const name of ["stage", "hold", "trust"]) expect(run("rotation", name, "edge_ca").status).toBe(0);
      expect(run("rotation", "give").status).toBe(0);
      expect([served("web/edge_ca.crt").serialNumber, served("traefik/edge.crt").checkIssued(old)]).toEqual([old.serialNumber, true]);
    });
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

    test("distributes a certificate only with its key: alone it would leave Traefik without any", () => {
      const kept = put("tls_certificate", authority.chain(second));
      expect(kept).toMatchObject({ status: 0, stdout: expect.stringContaining("kept, and not in use yet: the certificate cannot be used:") });
      expect([served("tls_certificate"), served("tls_key")]).toEqual([authority.chain(first), first.key]);
      expect(put("tls_key", second.key)).toMatchObject({ status: 0, stdout: "" });
      expect([served("tls_certificate"), served("tls_key")]).toEqual([authority.chain(second), second.key]);
    });

    test("does not renew a certificate of another CA", () => {
      for (const name of ["tls_certificate", "tls_key"]) expect(run("rotate", name).stderr).toContain(`${name} comes from you`);
    });
  });
});
