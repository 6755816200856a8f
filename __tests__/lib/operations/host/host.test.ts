import { readFileSync } from "node:fs";
import type { HostConnection } from "../../../../constructs/host/connection";
import { HostShell } from "../../../../lib/clients/host/shell";
import { hostChecks } from "../../../../lib/operations/host/checks";
import { WikiStack } from "../../../../lib/stack/wiki-stack";
import { localEnvironment } from "../../../support/example";
import { HOST_KEY, hardenedEnvironment } from "../../../support/host-parts";
import { testApp } from "../../../support/plan";
import { Sandbox } from "../../../support/sandbox";

let connection: HostConnection;
const PATH = process.env.PATH;
let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
  process.env.PATH = `${sandbox.path("bin")}:${PATH}`;
  const keyFile = sandbox.file("id", "-----BEGIN PRIVATE KEY-----\n", 0o600);
  connection = { address: "203.0.113.10", port: 2222, user: "deploy", hostKeys: [HOST_KEY, "ssh-rsa AAAA"], keyFile };
});
afterEach(() => {
  process.env.PATH = PATH;
  sandbox.remove();
});

/** Plays ssh: writes down how it was called and the file of known hosts, then does what `script` says. */
function ssh(script: string): void {
  const known = 'for word; do case $word in UserKnownHostsFile=*) cat "${word#*=}" >"$HERE/known" ;; esac; done';
  sandbox.command("ssh", `HERE=${sandbox.directory}\nprintf '%s\\n' "$@" >"$HERE/words"\n${known}\n${script}`);
}

describe("a script on the host", () => {
  // the last word is what the shell of the host gets
  const RUNS = 'for command; do :; done; eval "${command#sudo -n }"';

  test("gets its arguments as they are, and what is secret by standard input", () => {
    ssh(RUNS);
    expect(new HostShell(connection).run('printf "%s|" "$@"; cat', ["a b", "$HOME", "it's"], "secret")).toEqual({
      status: 0,
      stdout: "a b|$HOME|it's|secret",
      stderr: "",
    });
    expect(sandbox.read("words")).not.toContain("secret");
  });

  test("runs as root on a host with a pinned key, without a prompt", () => {
    ssh(RUNS);
    new HostShell(connection).run("true", []);
    const args = sandbox.read("words").split("\n");
    expect(args).toEqual(expect.arrayContaining(["BatchMode=yes", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes", "deploy@203.0.113.10", "2222"]));
    expect(args.at(-2)).toMatch(/^sudo -n sh -c true sh/);
    expect(sandbox.read("known").split("\n")).toEqual([
      `[203.0.113.10]:2222 ${HOST_KEY}`,
      `203.0.113.10 ${HOST_KEY}`,
      "[203.0.113.10]:2222 ssh-rsa AAAA",
      "203.0.113.10 ssh-rsa AAAA",
      "",
    ]);
  });

  test("ends as it ends there", () => {
    ssh(RUNS);
    expect(new HostShell(connection).run("echo said; echo wrong >&2; exit 3", [])).toEqual({ status: 3, stdout: "said\n", stderr: "wrong\n" });
  });

  test("that cannot be reached is a matter for the operator", () => {
    ssh("echo Host key verification failed. >&2; exit 255");
    // more than an unread pipe buffers
    for (const input of ["", "x".repeat(2 ** 20)])
      expect(() => new HostShell(connection).run("true", [], input)).toThrow("the host 203.0.113.10 cannot be reached: Host key verification failed.");
  });

  test("runs here where no connection is named", () => {
    sandbox.command("sudo", 'shift; exec "$@"');
    expect(new HostShell(undefined).run('echo "$1"; cat', ["here"], "in")).toMatchObject({ status: 0, stdout: "here\nin" });
  });
});

describe("checks of the host", () => {
  const environment = hardenedEnvironment();
  const stack = new WikiStack(testApp(), environment);
  const names = stack.host?.names() ?? [];
  const MARK = "==secure-bookstack==";
  /** What the host says when each part is fine but those that `differ`. */
  const report = (differ: Readonly<Record<string, readonly [output: string, status: number]>>) =>
    names.map((name) => `${MARK} begin ${name}\n${differ[name]?.[0] ?? `${name}: as it should be\n`}${MARK} end ${differ[name]?.[1] ?? 0}\n`).join("");

  function answered(output: string): ReturnType<typeof hostChecks> {
    sandbox.file("answer", output);
    ssh('cat >"$HERE/sent"; cat "$HERE/answer"');
    return hostChecks({ stack, environment });
  }

  test("upload the scripts of this machine, each between marker lines", () => {
    answered(report({}));
    const sent = readFileSync(sandbox.path("sent"), "utf8");
    for (const name of names) expect(sent).toContain(`${MARK} ${name}\n${stack.host?.script(name)}`);
  });

  test("say of each part whether it is as it should be, and what is not", () => {
    const checks = answered(report({ firewall: ["differs: rule is missing: ufw allow 80/tcp\ndiffers: ufw is not active\n", 3] }));
    expect(checks.map(({ name }) => name)).toEqual(names);
    expect(checks.filter(({ ok }) => !ok)).toEqual([{ name: "firewall", ok: false, differences: ["rule is missing: ufw allow 80/tcp", "ufw is not active"] }]);
  });

  test("say that a part could not be checked, which is no better than one that differs", () => {
    expect(answered(report({ sshd: ["sshd: this is debian 11\n", 1] })).find(({ name }) => name === "sshd")).toEqual({
      name: "sshd",
      ok: false,
      differences: ["could not be checked: sshd: this is debian 11"],
      unknown: true,
    });
  });

  test("refuse an answer that is not whole", () => {
    const whole = report({});
    expect(() => answered(whole.slice(0, whole.lastIndexOf(MARK)))).toThrow("the host could not be checked: the checks ended with 0");
  });

  test("are none for an environment that leaves its host alone", () => {
    const local = localEnvironment();
    expect(hostChecks({ stack: new WikiStack(testApp(), local), environment: local })).toEqual([]);
  });
});
