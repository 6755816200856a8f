import { createPrivateKey, pbkdf2Sync } from "node:crypto";
import { describeUnless, missingProgram } from "../../support/needs";
import type { Outcome } from "../../support/sandbox";
import { grant, SecretScript } from "../../support/secret-script";

describeUnless(missingProgram("openssl"), "create-secrets.sh, keys for programs", () => {
  const LINES = ["create key hex 64 -", "create short hex 32 -", "create signing rsa 2048 -"];
  let script: SecretScript;
  beforeAll(() => {
    script = new SecretScript();
    script.must(...LINES);
  });
  afterAll(() => script.sandbox.remove());

  test("makes hexadecimal digits, as many as asked", () => {
    expect(script.stored("key")).toMatch(/^[0-9a-f]{64}$/);
    expect(script.stored("short")).toMatch(/^[0-9a-f]{32}$/);
  });

  test("makes an RSA key in PKCS #8", () => {
    expect(script.stored("signing")).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(createPrivateKey(script.stored("signing"))).toMatchObject({ asymmetricKeyType: "rsa", asymmetricKeyDetails: { modulusLength: 2048 } });
  });

  test("leaves all as they are the second time", () => {
    const before = ["key", "signing"].map((name) => script.stored(name));
    expect(script.must(...LINES)).toBe("");
    expect(["key", "signing"].map((name) => script.stored(name))).toEqual(before);
  });
});

describeUnless(missingProgram("openssl") ?? missingProgram("php"), "create-secrets.sh, hashes", () => {
  const LINES = ["create plain password 24 -", "create slow argon2-of plain -", "create fast pbkdf2-of plain -"];
  // a hash takes a fifth of a second: all tests look at the same ones
  let script: SecretScript;
  let first: Outcome;
  beforeAll(() => {
    script = new SecretScript();
    script.sandbox.command("php", `printf '%s\\n' "$*" >> "$MAIN_LOG"; PATH=\${PATH#*:} exec php "$@"`);
    first = script.run(LINES, { MAIN_LOG: script.sandbox.path("arguments") });
    script.sandbox.command("php", 'PATH=${PATH#*:} exec php "$@"');
  });
  afterAll(() => script.sandbox.remove());

  test("hashes a password as Authelia does", () => {
    expect(script.stored("slow")).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  });

  test("hashes the secret of a client so that it can be checked", () => {
    const [, name, iterations, salt = "", key] = script.stored("fast").split("$");
    const bytes = (adapted: string) => Buffer.from(adapted.replaceAll(".", "+"), "base64");
    const expected = pbkdf2Sync(script.stored("plain"), bytes(salt), Number(iterations), 64, "sha512")
      .toString("base64")
      .replaceAll("+", ".")
      .replace(/=+$/, "");
    expect([name, iterations, bytes(salt).length, key]).toEqual(["pbkdf2-sha512", "310000", 16, expected]);
  });

  test("shows no secret: neither as an argument nor in what it prints", () => {
    expect([first.status, first.stderr]).toEqual([0, ""]);
    const seen = script.sandbox.read("arguments") + first.stdout;
    expect(seen).toContain("hash.php make argon2");
    for (const name of ["plain", "slow", "fast"]) expect(seen).not.toContain(script.stored(name));
  });

  test("keeps the hash while the secret is unchanged, and regenerates and distributes it after a change", () => {
    const before = [script.stored("slow"), script.stored("fast")];
    expect(script.must(...LINES, grant("slow", "portal"))).toBe("");
    expect([script.stored("slow"), script.stored("fast")]).toEqual(before);
    script.sandbox.file("store/plain", "something that was changed", 0o600);
    expect(script.must(...LINES, grant("slow", "portal"))).toBe("secrets: created slow\nsecrets: created fast\n");
    for (const [index, name] of ["slow", "fast"].entries()) expect(script.stored(name)).not.toBe(before[index]);
    expect(script.sandbox.read("services/portal/slow")).toBe(script.stored("slow"));
  });
});

describeUnless(missingProgram("openssl"), "create-secrets.sh without PHP", () => {
  test("makes no hash, and says what is missing", () => {
    const script = new SecretScript();
    script.sandbox.command("php", "echo 'php: not found' >&2; exit 127");
    const { status, stderr } = script.run(["create plain password 24 -", "create slow argon2-of plain -"]);
    expect([status, stderr]).toEqual([1, expect.stringContaining("no argon2 hash of plain")]);
    expect(script.sandbox.list("store")).not.toContain("slow");
    script.sandbox.remove();
  });
});
