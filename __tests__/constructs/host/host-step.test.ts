import { HostStep } from "../../../constructs/host/host-step";

describe("HostStep", () => {
  test("is a value", () => {
    expect(HostStep.packages(["ufw"])).toEqual(HostStep.packages(["ufw"]));
    expect(HostStep.file("/etc/a", "x")).not.toEqual(HostStep.file("/etc/a", "y"));
  });

  test.each([
    [HostStep.packages(["ufw", "nftables"]), "packages ufw nftables"],
    [HostStep.packages(["docker.io"], { unless: "dockerd" }), "packages_unless dockerd docker.io"],
    [HostStep.directory("/etc/a", { mode: "0700" }), "directory 0700 root:root /etc/a"],
    [HostStep.file("/etc/a", "one\n"), "file 0644 root:root /etc/a <<'END_OF_FILE'\none\nEND_OF_FILE"],
    [
      HostStep.file("/etc/systemd/system/a.service", "[Unit]", { restarts: ["a.service"], runs: ["/bin/b"], reloads: ["c.service"] }),
      "file 0644 root:root /etc/systemd/system/a.service daemon-reload run:/bin/b reload:c.service restart:a.service <<'END_OF_FILE'\n[Unit]\nEND_OF_FILE",
    ],
    [HostStep.setting("/etc/a", "KEY", '"it\'s"'), `setting /etc/a KEY = '"it'\\''s"'`],
    [HostStep.command("it holds", ["run", "a b"], { unless: ["test", "$x"] }), "is_met() { test '$x'; }\nchange() { run 'a b'; }\nensure 'it holds'"],
    [HostStep.command("it holds", ["run"], { unless: ["test"], undo: ["undo"] }), "is_met() { test; }\nchange() { run; }\nensure 'it holds' undo"],
    [HostStep.service("a.service"), "service a.service"],
    [HostStep.remember(["/etc/ufw"]), "remember /etc/ufw"],
    [HostStep.rollbackUnlessConfirmed(["/etc/ufw"], "ufw reload\n"), "rollback_unless_confirmed 'ufw reload\n' /etc/ufw"],
  ])("%# calls the functions of steps.sh", (step, line) => {
    expect(step.render()).toBe(line);
  });

  test("only changes with a rollback must be confirmed", () => {
    expect(HostStep.rollbackUnlessConfirmed(["/etc/a"], "true").confirmed).toBe(true);
    expect(HostStep.service("a.service").confirmed).toBe(false);
  });

  test.each([
    [() => HostStep.file("etc/a", ""), '"etc/a" must be an absolute path without detours'],
    [() => HostStep.file("/etc/../a", ""), '"/etc/../a" must be an absolute path without detours'],
    [() => HostStep.file("/etc/a", "", { mode: "644" }), '"644" is no mode; write it like 0644'],
    [() => HostStep.file("/etc/a", "a\nEND_OF_FILE\nb\n"), '/etc/a has a line "END_OF_FILE", which ends it'],
  ])("%# is refused", (make, reason) => {
    expect(make).toThrow(reason);
  });
});
