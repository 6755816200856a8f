import { spawnSync } from "node:child_process";
import { pbkdf2Sync } from "node:crypto";
import { assetText } from "../../constructs/core/asset";
import { fileIn, hostScripts } from "../support/host-parts";
import { describeUnless, missingProgram } from "../support/needs";
import { Sandbox } from "../support/sandbox";

const scripts = hostScripts();
let sandbox: Sandbox;
beforeAll(() => {
  sandbox = new Sandbox();
});
afterAll(() => sandbox.remove());

/** A file of a part, in the sandbox. */
function installed(part: string, path: string, name = path.slice(path.lastIndexOf("/") + 1)): string {
  return sandbox.file(name, fileIn(scripts.get(part) ?? "", path));
}

/** Result of a program that checks a file, as the user of the tests. */
function runProgram(program: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", cwd: sandbox.directory });
  return { status, output: `${stdout}${stderr}`.trim() };
}

describeUnless(missingProgram("nft") ?? (process.getuid?.() === 0 ? undefined : "not root"), "nft", () => {
  test("accepts the table that guards published ports", () => {
    expect(runProgram("nft", "-c", "-f", installed("firewall", "/etc/ufw/bookstack.nft"))).toEqual({ status: 0, output: "" });
    expect(runProgram("nft", "-c", "-f", installed("firewall-bouncer", "/etc/bookstack/firewall-bouncer.nft"))).toEqual({ status: 0, output: "" });
  });

  test("would refuse another word", () => {
    expect(runProgram("nft", "-c", "-f", sandbox.file("broken.nft", "table inet bookstack { chain forward { type filter hok forward; } }")).status).not.toBe(0);
  });
});

describeUnless(missingProgram("sshd") ?? (process.getuid?.() === 0 ? undefined : "not root"), "sshd", () => {
  const key = () => runProgram("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", sandbox.path("host-key"));

  test("accepts its settings, and has no setting of ours twice", () => {
    key();
    const path = installed("sshd", "/etc/ssh/sshd_config.d/00-bookstack.conf");
    // the runtime directory of its service, which may never have run here, in a private /run
    const alone = 'mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec "$(command -v sshd)" "$@"';
    const sshd = (file: string) => runProgram("unshare", "--mount", "sh", "-c", alone, "sshd", "-t", "-f", file, "-h", sandbox.path("host-key"));
    expect(sshd(path)).toEqual({ status: 0, output: "" });
    expect(sshd(sandbox.file("broken.conf", "Ciphers aes128-ctrl\n"))).toMatchObject({ output: expect.stringContaining("Bad SSH2 cipher spec") });
  });
});

describeUnless(missingProgram("systemd-analyze"), "systemd-analyze", () => {
  const units = [...scripts].flatMap(([part, script]) =>
    [...script.matchAll(/^file \S+ \S+ (\/etc\/systemd\/system\/[\w.-]+) /gm)].map(([, path = ""]) => [part, path] as const),
  );

  test.each(units)("%s: %s has no mistake", (part, path) => {
    const unit = installed(part, path);
    // programs that are not here, and units of other packages
    const { output } = runProgram("systemd-analyze", "verify", "--man=no", unit);
    expect(output.split("\n").filter((line) => line.includes(unit) && !/is not executable|Failed to (create|load)|not found/.test(line))).toEqual([]);
  });

  test("are more than a few", () => {
    expect(units.length).toBeGreaterThan(6);
  });
});

describeUnless(missingProgram("python3"), "hash.py", () => {
  beforeEach(() => sandbox.file("hash.json", assetText("secrets/assets/hash.json")));
  const hash = (...args: readonly string[]) => runProgram("python3", sandbox.file("hash.py", assetText("host/assets/hash.py")), ...args);
  const noArgon2 = spawnSync("python3", ["-c", "import argon2"]).status === 0 ? undefined : "no python3-argon2";

  test("hashes as Authelia does, and as PHP on a host without", () => {
    sandbox.file("secret", "correct horse\n");
    const { status, output } = hash("make", "pbkdf2", "secret");
    const [, , iterations, salt = "", key] = output.split("$");
    const bytes = Buffer.from(salt.replaceAll(".", "+"), "base64");
    const wanted = pbkdf2Sync("correct horse", bytes, 310_000, 64, "sha512").toString("base64").replaceAll("+", ".").replace(/=+$/, "");
    expect([status, iterations, bytes.length, key]).toEqual([0, "310000", 16, wanted]);
  });

  test("knows the secret of a hash, and no other", () => {
    sandbox.file("secret", "correct horse");
    sandbox.file("other", "battery staple");
    sandbox.file("hash", hash("make", "pbkdf2", "secret").output);
    expect([hash("verify", "pbkdf2", "secret", "hash").status, hash("verify", "pbkdf2", "other", "hash").status]).toEqual([0, 1]);
    sandbox.file("hash", "no hash");
    expect(hash("verify", "pbkdf2", "secret", "hash").status).toBe(1);
  });

  test.each([
    [["make", "md5", "secret"], 64],
    [["make", "pbkdf2", "nothing"], 74],
  ])("refuses %j", (args, status) => {
    expect(hash(...args).status).toBe(status);
  });

  describeUnless(noArgon2, "hash.py with Argon2", () => {
    test("makes the hash that Authelia's own parameters make, and knows it", () => {
      sandbox.file("secret", "correct horse");
      sandbox.file("other", "battery staple");
      const { output } = hash("make", "argon2", "secret");
      expect(output).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
      sandbox.file("hash", output);
      expect([hash("verify", "argon2", "secret", "hash").status, hash("verify", "argon2", "other", "hash").status]).toEqual([0, 1]);
    });
  });
});
