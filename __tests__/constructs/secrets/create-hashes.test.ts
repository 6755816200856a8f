import { createPrivateKey, pbkdf2Sync } from "node:crypto";
import { describeUnless, missingProgram } from "../../support/needs";
import { give, SecretScript } from "../../support/secret-script";

let script: SecretScript;
beforeEach(() => {
  script = new SecretScript();
});
afterEach(() => script.sandbox.remove());

describeUnless(missingProgram("openssl"), "create-secrets.sh, keys for programs", () => {
  test("makes hexadecimal digits, as many as asked", () => {
    script.must("create key hex 64 -", "create short hex 32 -");
    expect(script.stored("key")).toMatch(/^[0-9a-f]{64}$/);
    expect(script.stored("short")).toMatch(/^[0-9a-f]{32}$/);
  });

  test("makes an RSA key in PKCS #8", () => {
    script.must("create signing rsa 2048 -");
    expect(script.stored("signing")).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(createPrivateKey(script.stored("signing"))).toMatchObject({ asymmetricKeyType: "rsa", asymmetricKeyDetails: { modulusLength: 2048 } });
  });

  test("leaves both as they are the second time", () => {
    const lines = ["create key hex 64 -", "create signing rsa 2048 -"];
    script.must(...lines);
    expect(script.must(...lines)).toBe("");
  });
});

describeUnless(missingProgram("openssl") ?? missingProgram("php"), "create-secrets.sh, hashes", () => {
  const lines = ["create plain password 24 -", "create slow argon2-of plain -", "create fast pbkdf2-of plain -"];

  test("hashes a password as Authelia does", () => {
    script.must(...lines);
    expect(script.stored("slow")).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  });

  test("hashes the secret of a client so that it can be checked", () => {
    script.must(...lines);
    const [, name, iterations, salt = "", key] = script.stored("fast").split("$");
    const bytes = (adapted: string) => Buffer.from(adapted.replaceAll(".", "+"), "base64");
    const expected = pbkdf2Sync(script.stored("plain"), bytes(salt), Number(iterations), 64, "sha512")
      .toString("base64")
      .replaceAll("+", ".")
      .replace(/=+$/, "");
    expect([name, iterations, bytes(salt).length, key]).toEqual(["pbkdf2-sha512", "310000", 16, expected]);
  });

  test("makes no other hash while the secret stays the same", () => {
    script.must(...lines);
    const before = [script.stored("slow"), script.stored("fast")];
    expect(script.must(...lines)).toBe("");
    expect([script.stored("slow"), script.stored("fast")]).toEqual(before);
  });

  test("makes another when the secret is another, and hands it over", () => {
    script.must(...lines, give("slow", "portal"));
    const before = script.stored("slow");
    script.sandbox.file("store/plain", "something that was changed", 0o600);
    expect(script.must(...lines, give("slow", "portal"))).toBe("secrets: created slow\nsecrets: created fast\n");
    expect(script.stored("slow")).not.toBe(before);
    expect(script.sandbox.read("services/portal/slow")).toBe(script.stored("slow"));
  });

  test("shows no secret: neither as an argument nor in what it prints", () => {
    script.sandbox.command("php", `printf '%s\\n' "$*" >> "$MAIN_LOG"; PATH=\${PATH#*:} exec php "$@"`);
    const { status, stdout, stderr } = script.run(lines, { MAIN_LOG: script.sandbox.path("arguments") });
    expect([status, stderr]).toEqual([0, ""]);
    const seen = script.sandbox.read("arguments") + stdout;
    expect(seen).toContain("hash.php make argon2");
    for (const name of ["plain", "slow", "fast"]) expect(seen).not.toContain(script.stored(name));
  });
});

describeUnless(missingProgram("openssl"), "create-secrets.sh without PHP", () => {
  test("makes no hash, and says what is missing", () => {
    script.sandbox.command("php", "echo 'php: not found' >&2; exit 127");
    const { status, stderr } = script.run(["create plain password 24 -", "create slow argon2-of plain -"]);
    expect([status, stderr]).toEqual([1, expect.stringContaining("no argon2 hash of plain")]);
    expect(script.sandbox.list("store")).not.toContain("slow");
  });
});
