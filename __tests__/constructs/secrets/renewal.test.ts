import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { assetText } from "../../../constructs/core/asset";
import { describeUnless, missingProgram } from "../../support/needs";
import { OWN_USER } from "../../support/sandbox";
import { grant, SecretScript } from "../../support/secret-script";

const DAY = 86_400;
const LINES = [
  "create ca authority example.com -",
  "create own_ca authority db renewed",
  "create edge certificate ca a.example.com",
  "create db certificate own_ca db",
  "create word password 32 -",
  grant("edge.crt", "traefik"),
  grant("edge.key", "traefik"),
  grant("ca.crt", "wiki"),
  grant("own_ca.crt", "wiki"),
  grant("db.crt", "mysql"),
  grant("db.key", "mysql"),
  grant("word", "wiki"),
];
const WATCHED = ["watch edge edge.crt first", "watch authority ca.crt first", "watch database db.crt first", "watch database-authority own_ca.crt first"];

describeUnless(missingProgram("openssl") ?? missingProgram("flock"), "renewal of certificates", () => {
  /** A store that was filled, of which each test has a copy. */
  const filled = new SecretScript();
  let script: SecretScript;
  const openssl = spawnSync("sh", ["-c", "command -v openssl"], { encoding: "utf8" }).stdout.trim();

  beforeAll(() => void filled.must(...LINES));
  afterAll(() => filled.sandbox.remove());
  const fresh = (made = new SecretScript()) => {
    script?.sandbox.remove();
    script = made;
    for (const name of ["certificate-metrics.sh", "renew-certificates.sh"]) script.sandbox.file(name, assetText(`secrets/assets/${name}`));
    script.sandbox.folder("metrics");
  };
  beforeEach(() => fresh(filled.copy()));
  afterAll(() => script.sandbox.remove());

  /** Lets openssl sign for so many days from now on, whatever it is asked for; for what it is asked without a number. */
  function signFor(days?: number): void {
    const change =
      days === undefined
        ? ""
        : `count=$#; while [ $count -gt 0 ]; do word=$1; shift; [ "$last" != -days ] || word=${days}; last=$word; set -- "$@" "$word"; count=$((count - 1)); done; `;
    script.sandbox.command("openssl", `last=; ${change}exec ${openssl} "$@"`);
  }

  const paths = () => `manifest "$PWD/store" "$PWD/services"`;
  const run = (command: string) => script.sandbox.sh(["-c", command]);
  const renew = () => run(`sh create-secrets.sh ${paths()} renew`);
  const daysOf = (file: string) => {
    const end = execFileSync(openssl, ["x509", "-noout", "-enddate", "-in", script.sandbox.path(file)], { encoding: "utf8" });
    return Math.round((Date.parse(end.replace("notAfter=", "")) - Date.now()) / 1000 / DAY);
  };
  const verified = (authority: string, leaf: string) =>
    spawnSync(openssl, ["verify", "-purpose", "sslserver", "-CAfile", authority, script.sandbox.path(leaf)], { encoding: "utf8" }).status;

  test("leaves everything as it is while nothing ends soon", () => {
    const before = ["store/edge.crt", "store/ca.crt", "store/db.crt", "services/traefik/edge.crt"].map((file) => script.sandbox.read(file));
    expect(renew()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(["store/edge.crt", "store/ca.crt", "store/db.crt", "services/traefik/edge.crt"].map((file) => script.sandbox.read(file))).toEqual(before);
  });

  test("renews certificates that expire within 30 days, and distributes them with their keys", () => {
    fresh();
    signFor(29);
    script.must(
      ...LINES.filter((line) => !line.includes("own_ca authority")).map((line) => line.replace("own_ca db", "ca db.example.com").replace("own_ca", "ca")),
    );
    signFor();
    expect(renew()).toMatchObject({ status: 0, stderr: "", stdout: "secrets: created edge\nsecrets: created db\n" });
    expect([daysOf("services/traefik/edge.crt"), daysOf("services/mysql/db.crt")]).toEqual([825, 825]);
    for (const name of ["crt", "key"]) expect(script.sandbox.read(`services/traefik/edge.${name}`)).toBe(script.sandbox.read(`store/edge.${name}`));
    // browsers would have to trust another one
    expect(daysOf("store/ca.crt")).toBe(29);
  });

  test("distributes the certificates of an interrupted renewal", () => {
    const given = script.sandbox.read("services/traefik/edge.crt");
    signFor(20);
    script.sandbox.sh(["-c", "rm store/edge.crt"]);
    // it is written down before it is made
    script.sandbox.file("store/.renewed", "edge\n");
    signFor();
    expect(run(`sh create-secrets.sh ${paths()} create`).status).toBe(0);
    expect(script.sandbox.read("services/traefik/edge.crt")).toBe(given);
    expect(renew()).toMatchObject({ status: 0, stderr: "" });
    expect(script.sandbox.read("services/traefik/edge.crt")).toBe(script.stored("edge.crt"));
    expect(script.sandbox.list("store")).not.toContain(".renewed");
  });

  test("signs a CA certificate again that only services trust, with a year left: both validate the certificates in use", () => {
    fresh();
    signFor(364);
    script.must(...LINES);
    const old = script.sandbox.file("old.crt", script.stored("own_ca.crt"));
    const leaf = script.stored("db.crt");
    signFor();
    expect(renew()).toMatchObject({ status: 0, stderr: "", stdout: "secrets: created own_ca\n" });
    expect([daysOf("services/wiki/own_ca.crt"), script.stored("db.crt")]).toEqual([3650, leaf]);
    expect([verified(old, "store/db.crt"), verified(script.sandbox.path("store/own_ca.crt"), "store/db.crt")]).toEqual([0, 0]);
    // and for what is signed later
    script.sandbox.sh(["-c", "rm store/db.*"]);
    script.must(...LINES);
    expect(verified(old, "store/db.crt")).toBe(0);
  });

  test("signs the CA certificate of Traefik again only on request: devices must trust the new one", () => {
    fresh();
    signFor(90);
    script.must(...LINES);
    const old = script.sandbox.file("old.crt", script.stored("ca.crt"));
    signFor();
    expect(renew().stdout).not.toContain("created ca");
    expect(run(`sh create-secrets.sh ${paths()} resign ca`)).toEqual({ status: 0, stdout: "secrets: signed ca again\n", stderr: "" });
    expect([daysOf("services/wiki/ca.crt"), verified(old, "services/traefik/edge.crt")]).toEqual([3650, 0]);
    expect(verified(script.sandbox.path("store/ca.crt"), "services/traefik/edge.crt")).toBe(0);
  });

  test.each(["nothing", "word", "edge"])("signs no authority again that is none: %s", (name) => {
    expect(run(`sh create-secrets.sh ${paths()} resign ${name}`)).toEqual({ status: 1, stdout: "", stderr: `secrets: there is no authority ${name}\n` });
  });

  describe("writes", () => {
    const once = () => run(`sh renew-certificates.sh ${paths()} "$PWD/metrics" once`);
    const metrics = () => script.sandbox.read("metrics/certificates.prom");
    const endOf = (name: string) =>
      Number(new RegExp(`certificate_end_timestamp_seconds\\{certificate="${name}"\\} (\\d+)`).exec(metrics())?.[1] ?? Number.NaN);

    test("when each certificate ends, and that the renewal worked", () => {
      script.must(...LINES, ...WATCHED);
      expect(once().status).toBe(0);
      expect(Math.round((endOf("edge") - Date.now() / 1000) / DAY)).toBe(825);
      expect(Math.round((endOf("database-authority") - Date.now() / 1000) / DAY)).toBe(3650);
      expect(metrics()).toContain("certificate_renewal_success 1\n");
      expect(Number(/^certificate_check_timestamp_seconds (\d+)$/m.exec(metrics())?.[1])).toBeGreaterThan(Date.now() / 1000 - 60);
    });

    test("that the renewal failed, and the ends all the same", () => {
      script.must(...LINES, ...WATCHED);
      script.sandbox.command("openssl", `[ "$1" != req ] || exit 1\nexec ${openssl} "$@"`);
      const { status, stderr } = run(`rm store/db.crt; sh renew-certificates.sh ${paths()} "$PWD/metrics" once`);
      expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining("certificates: the end of database cannot be read from") });
      expect(metrics()).toContain("certificate_renewal_success 0\n");
      expect([endOf("edge") > 0, endOf("database")]).toEqual([true, Number.NaN]);
    });

    test("of a chain the end of what ends first, of a list of authorities that of the last", () => {
      fresh();
      signFor(40);
      script.must(...LINES);
      const short = script.stored("edge.crt");
      signFor();
      script.sandbox.sh(["-c", "rm store/edge.crt"]);
      script.must(...LINES, "watch chain chain.pem first", `watch list ${script.sandbox.file("list.pem", `${script.stored("ca.crt")}${short}`)} last`);
      script.sandbox.file("store/chain.pem", `${script.stored("edge.crt")}${short}`);
      script.sandbox.file("list.pem", `${script.stored("edge.crt")}${short}`);
      once();
      expect([endOf("chain"), endOf("list")].map((end) => Math.round((end - Date.now() / 1000) / DAY))).toEqual([40, 825]);
    });

    test("nothing for a file that is no certificate: unknown is not good", () => {
      script.must(...LINES, "watch edge edge.crt first", `watch mail-ca ${script.sandbox.file("mail.pem", "-----BEGIN CERTIFICATE-----\nnothing\n")} last`);
      once();
      expect([endOf("mail-ca"), endOf("edge") > 0]).toEqual([Number.NaN, true]);
    });

    test("is healthy only while it was done lately", () => {
      script.must(...LINES, ...WATCHED);
      const check = () => run(`sh renew-certificates.sh ${paths()} "$PWD/metrics" check`).status;
      expect(check()).toBe(1);
      once();
      expect(check()).toBe(0);
      run("touch -d '14 hours ago' metrics/certificates.prom");
      expect(check()).toBe(1);
    });
  });

  describe("of an authority", () => {
    /** What openssl says of a certificate that the authority signed with these extensions. */
    function accepts(extensions: string, purpose: string): boolean {
      const at = (name: string) => script.sandbox.path(name);
      const quiet = { stdio: "ignore" } as const;
      script.sandbox.file("extensions", `basicConstraints = critical,CA:FALSE\n${extensions}\n`);
      execFileSync(
        openssl,
        ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", at("k"), "-subj", "/CN=x", "-out", at("csr")],
        quiet,
      );
      const sign = ["-CA", at("store/ca.crt"), "-CAkey", at("store/ca.key"), "-set_serial", "7", "-extfile", at("extensions")];
      execFileSync(openssl, ["x509", "-req", "-days", "9", "-in", at("csr"), ...sign, "-out", at("leaf")], quiet);
      return spawnSync(openssl, ["verify", "-purpose", purpose, "-CAfile", at("store/ca.crt"), at("leaf")], quiet).status === 0;
    }

    test.each([
      ["a server below the domain", "extendedKeyUsage = serverAuth\nsubjectAltName = DNS:a.example.com", "sslserver", true],
      ["a server elsewhere", "extendedKeyUsage = serverAuth\nsubjectAltName = DNS:bank.example", "sslserver", false],
      ["mail of other people", "extendedKeyUsage = emailProtection\nsubjectAltName = email:boss@bank.example", "smimesign", false],
      ["mail, where no usage is named", "subjectAltName = email:boss@bank.example", "any", false],
      ["a client with a URI", "extendedKeyUsage = clientAuth\nsubjectAltName = URI:https://bank.example/me", "sslclient", false],
      ["a client below the domain", "extendedKeyUsage = clientAuth\nsubjectAltName = DNS:a.example.com", "sslclient", false],
      ["a URI, where no usage is named", "subjectAltName = URI:https://bank.example/me", "any", false],
      ["code", "extendedKeyUsage = codeSigning", "codesign", false],
    ])("signs for servers below its domain and for nothing else: %s", (_, extensions, purpose, accepted) => {
      expect(accepts(extensions, purpose)).toBe(accepted);
    });

    test("that is there stays as it is, also when it was made by an older version", () => {
      const before = readFileSync(script.sandbox.path("store/ca.crt"), "utf8");
      script.must(...LINES);
      renew();
      expect(script.stored("ca.crt")).toBe(before);
    });
  });

  test("a certificate is owned by the user of its service, and not readable for others", () => {
    fresh();
    signFor(20);
    script.must(...LINES);
    signFor();
    renew();
    expect(script.sandbox.sh(["-c", 'stat -c "%a %u:%g" services/traefik/edge.key']).stdout.trim()).toBe(`400 ${OWN_USER}`);
  });
});
