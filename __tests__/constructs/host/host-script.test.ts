import { HostStep } from "../../../constructs/host/host-step";
import { HostScript } from "../../support/host-script";

let host: HostScript;
beforeEach(() => {
  host = new HostScript();
});
afterEach(() => host.sandbox.remove());

/** Runs a shell command on the host of the test. */
function by(script: string): string {
  const { status, stdout, stderr } = host.sandbox.sh(["-c", script]);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

describe("the script of a part", () => {
  test("applies changes once", () => {
    const steps = [host.file("a.conf", "one\n", { mode: "0640" }), HostStep.packages(["ufw"]), HostStep.service("a.service")];
    expect(host.differences(steps)).toEqual([
      `${host.etc("a.conf")} is missing`,
      "package ufw is not installed",
      "a.service does not start at boot",
      "a.service does not run",
    ]);
    expect(host.applied(steps).at(-1)).toBe("part: 4 changed");
    expect(host.differences(steps)).toEqual([]);
    expect(host.applied(steps)).toEqual(["part: 0 changed"]);
    expect(by("stat -c %a etc/a.conf; cat etc/a.conf")).toBe("640\none\n");
  });

  test("changes nothing when it checks", () => {
    host.differences([host.file("a.conf", "one\n"), HostStep.packages(["ufw"]), HostStep.service("a.service")]);
    expect(by("ls etc units; ls top/var 2>/dev/null || :")).toBe("etc:\n\nunits:\n");
    expect(host.calls().filter((call) => !call.includes(" is-"))).toEqual([]);
  });

  test("keeps texts as they are, whatever is in them", () => {
    const text = "$HOME `id` 'a' \"b\" \\n\n\n  ${x}\n";
    host.applied([host.file("a.conf", text)]);
    expect(host.sandbox.read("etc/a.conf")).toBe(text);
  });

  test.each([
    ["another text", "echo two > etc/a.conf", "has another text"],
    ["another mode", "chmod 0666 etc/a.conf", "has mode and owner 666"],
    ["a link in its place", "mv etc/a.conf etc/b; ln -s b etc/a.conf", "has another text"],
    ["no file", "rm etc/a.conf", "is missing"],
  ])("detects and fixes %s", (_, change, seen) => {
    const steps = [host.file("a.conf", "one\n")];
    host.applied(steps);
    by(change);
    expect(host.differences(steps)).toEqual([expect.stringContaining(seen)]);
    host.applied(steps);
    expect(host.differences(steps)).toEqual([]);
  });

  test("changes one line of a file that is not its own", () => {
    const steps = [HostStep.setting(host.etc("ufw"), "IPV6", "yes"), HostStep.setting(host.etc("ufw"), "LOG", "on", { separator: " = " })];
    host.sandbox.file("etc/ufw", "# a\n#IPV6=no\nIPV6=no\nOTHER=1\n", 0o640);
    expect(host.differences(steps)).toEqual([`${host.etc("ufw")} does not say IPV6=yes`, `${host.etc("ufw")} does not say LOG = on`]);
    host.applied(steps);
    expect(by("cat etc/ufw; stat -c %a etc/ufw")).toBe("# a\nIPV6=yes\nOTHER=1\nLOG = on\n640\n");
    expect(host.differences(steps)).toEqual([]);
  });

  test("changes a line of words, and no comment that begins like it", () => {
    const steps = [HostStep.setting(host.etc("login.defs"), "UMASK", "027", { separator: "\t\t" })];
    host.sandbox.file("etc/login.defs", "# UMASK is the default\nUMASK\t\t022\n");
    expect(host.differences(steps)).toEqual([`${host.etc("login.defs")} does not say UMASK\t\t027`]);
    host.applied(steps);
    expect(host.sandbox.read("etc/login.defs")).toBe("# UMASK is the default\nUMASK\t\t027\n");
    expect(host.differences(steps)).toEqual([]);
  });

  test("runs a command while its test fails, and says what the test found", () => {
    const steps = [
      HostStep.command("the list", ["sh", "-c", `echo b >>${host.etc("list")}`], {
        unless: ["sh", "-c", `grep b ${host.etc("list")} || { echo no b; echo no c; exit 3; }`],
      }),
    ];
    host.sandbox.file("etc/list", "a\n");
    expect(host.differences(steps)).toEqual(["no b", "no c"]);
    expect(host.applied(steps)).toEqual(["changed: the list", "part: 1 changed"]);
    expect(host.applied(steps)).toEqual(["part: 0 changed"]);
  });

  test("fails when a command changed nothing", () => {
    const { status, stderr } = host.run("apply", [HostStep.command("the list", ["true"], { unless: ["sh", "-c", "echo no b; exit 1"] })]);
    expect([status, stderr]).toEqual([1, "part: the list: was applied but had no effect: no b\n"]);
  });

  test("restarts a service once, after all of its files", () => {
    host.sandbox.file("units/a.service.active", "");
    host.applied([host.file("a", "1", { restarts: ["a.service"] }), host.file("b", "2", { restarts: ["a.service"], reloads: ["b.service"] })]);
    expect(host.calls().filter((call) => /restart|reload/.test(call))).toEqual(["systemctl daemon-reload", "systemctl restart a.service"]);
  });

  test("does what was still to be done after it was interrupted", () => {
    const steps = [host.file("a", "1", { restarts: ["a.service"] })];
    host.sandbox.file("units/a.service.active", "");
    host.sandbox.file("units/broken", "");
    expect(host.run("apply", steps).stderr).toContain("restart of a.service failed");
    expect(host.differences(steps)).toEqual(["an apply was interrupted before: restart:a.service "]);
    by("rm units/broken calls");
    expect(host.applied(steps)).toEqual(["changed: restart a.service", "part: 1 changed"]);
    expect(host.differences(steps)).toEqual([]);
  });

  test("remembers how a file was before the first change, and no later", () => {
    host.sandbox.file("etc/a", "original\n", 0o640);
    for (const text of ["1", "2"]) host.applied([host.file("a", text), host.file("b", text)]);
    const before = host.sandbox.path("top/var/lib/bookstack-host/before");
    expect(by(`cat ${before}/files${host.etc("a")}; stat -c %a ${before}/files${host.etc("a")}; cat ${before}/absent`)).toBe(
      `original\n640\n${host.etc("b")}\n`,
    );
  });

  test("records a directory that was created for a file", () => {
    host.applied([host.file("new/deep/a", "1")]);
    expect(host.sandbox.read("top/var/lib/bookstack-host/before/paths")).toBe(`${host.etc("new")}\n${host.etc("new/deep/a")}\n`);
  });

  test("remembers every package that came, and none that was there", () => {
    for (const name of ["ufw", "libjq"]) host.sandbox.file(`packages/${name}`, "");
    for (const _ of [1, 2]) host.applied([HostStep.packages(["ufw", "jq"])]);
    expect(host.sandbox.read("top/var/lib/bookstack-host/before/packages")).toBe("jq\n");
    host.applied([HostStep.packages(["nftables"])]);
    expect(host.sandbox.read("top/var/lib/bookstack-host/before/packages")).toBe("jq\nlibnftables\nnftables\n");
  });

  test("removes files of an earlier version", () => {
    host.sandbox.file("etc/a", "original\n");
    host.applied([host.file("a", "1"), host.file("b", "1"), host.file("c", "1")]);
    expect(host.applied([host.file("c", "1")])).toEqual([
      `changed: ${host.etc("a")} is no part of this any more`,
      `changed: ${host.etc("b")} is no part of this any more`,
      "part: 2 changed",
    ]);
    expect(by("ls etc; cat etc/a")).toBe("a\nc\noriginal\n");
  });

  test("leaves itself behind, to be asked again", () => {
    host.applied([host.file("a", "1")], "firewall");
    const { status, stdout } = host.sandbox.sh(["top/usr/local/lib/bookstack-host/parts/firewall", "check"], {
      BOOKSTACK_HOST_TOP: host.sandbox.path("top"),
      HOST: host.sandbox.directory,
    });
    expect([status, stdout]).toEqual([0, "firewall: as it should be\n"]);
  });
});

describe("a change that has to be confirmed", () => {
  const kept = "top/var/lib/bookstack-host/way-back/part";

  function steps(text: string): HostStep[] {
    return [HostStep.rollbackUnlessConfirmed([host.etc("a"), host.etc("b")], "true\n"), host.file("a", text)];
  }

  test("is watched from before it begins until a new connection confirms it", () => {
    host.sandbox.file("etc/a", "before\n");
    expect(host.applied(steps("1"))[0]).toBe("rolled back in 60 seconds unless a new connection confirms it");
    expect(host.calls()).toContainEqual(expect.stringMatching(/^systemd-run .*--unit=bookstack-way-back-part .*way-back watch part$/));
    expect(by(`tar -xOf ${kept}/files.tar; cat ${kept}/paths`)).toBe(`before\n${host.etc("a")}\n${host.etc("b")}\n`);
    expect(host.differences(steps("1"))).toEqual(["a change waits for its confirmation, and is rolled back without it"]);
    expect(host.run("confirm", steps("1"))).toMatchObject({ status: 0, stdout: "confirmed: part stays\n" });
    expect(host.differences(steps("1"))).toEqual([]);
  });

  test("is not watched when there is nothing to change", () => {
    host.applied(steps("1"));
    host.run("confirm", steps("1"));
    expect(host.applied(steps("1"))).toEqual(["part: 0 changed"]);
    expect(host.run("confirm", steps("1")).status).toBe(0);
  });

  test("goes back to what was confirmed last, not to what a second try has found", () => {
    host.sandbox.file("etc/a", "before\n");
    host.applied(steps("1"));
    host.applied(steps("2"));
    expect(by(`tar -xOf ${kept}/files.tar`)).toBe("before\n");
  });

  test("says that it was undone", () => {
    host.applied(steps("1"));
    by(`touch ${kept}/undone`);
    expect(host.run("confirm", steps("1"))).toMatchObject({ status: 1, stderr: expect.stringContaining("nobody could connect within 60 seconds") });
  });
});

describe("before the first byte is changed, it refuses", () => {
  const changed = () => by("ls etc; ls top/var 2>/dev/null || :");

  test.each([
    ['ID=debian\nVERSION_ID="11"\n', "debian 11"],
    ['ID=ubuntu\nVERSION_ID="20.04"\n', "ubuntu 20.04"],
    ['ID=fedora\nVERSION_ID="40"\n', "fedora 40"],
    ["ID=arch\n", "arch"],
  ])("another system, %j", (system, name) => {
    host.sandbox.file("top/etc/os-release", system);
    const { status, stderr } = host.run("apply", [host.file("a", "1")]);
    expect([status, stderr, changed()]).toEqual([1, expect.stringContaining(`this is ${name}`), ""]);
  });

  test.each(['ID=debian\nVERSION_ID="13"\n', 'ID=ubuntu\nVERSION_ID="22.04"\n', 'ID=ubuntu\nVERSION_ID="24.04"\n'])("but not %j", (system) => {
    host.sandbox.file("top/etc/os-release", system);
    expect(host.run("apply", [host.file("a", "1")]).status).toBe(0);
  });

  test("a user other than root", () => {
    host.sandbox.file("uid", "1000\n");
    const { status, stderr } = host.run("apply", [host.file("a", "1")]);
    expect([status, stderr, changed()]).toEqual([1, expect.stringContaining("only root may do this"), ""]);
  });

  test("a second environment", () => {
    host.applied([host.file("a", "1")]);
    const { status, stderr } = host.run("apply", [host.file("a", "2")], { environment: "other" });
    expect([status, stderr]).toEqual([1, expect.stringContaining("the environment test hardens this host already; remove it first")]);
    expect(host.sandbox.read("etc/a")).toBe("1\n");
  });
});
