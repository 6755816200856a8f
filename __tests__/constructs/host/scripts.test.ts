import { assetText } from "../../../constructs/core/asset";
import { Sandbox } from "../../support/sandbox";

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

/** A script of the host whose files and directories are in the sandbox. */
function install(name: string, directories: readonly string[]): void {
  const text = directories.reduce((script, directory) => script.replaceAll(directory, sandbox.path(directory)), assetText(`host/assets/${name}`));
  sandbox.file(name, text.replace(/^PATH=.*$/m, ""));
}

describe("ufw-rules.sh", () => {
  const DENY = "ufw deny in on docker0 to any port 22 proto tcp";

  function apply(wanted: readonly string[], added: readonly string[]): string[] {
    install("ufw-rules.sh", ["/etc/bookstack"]);
    sandbox.file("etc/bookstack/ufw.rules", `${wanted.join("\n")}\n`);
    sandbox.file("added", `${added.join("\n")}\n`);
    sandbox.command("nft", ":");
    // one word a field, so that a test sees how the rule was split
    sandbox.command(
      "ufw",
      'case $* in "show added") cat added ;; status | reload | "--force enable") ;; *) { for word; do printf "%s|" "$word"; done; echo; } >>calls ;; esac',
    );
    const { status, stderr } = sandbox.sh(["ufw-rules.sh", "apply"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return sandbox.list(".").includes("calls") ? sandbox.read("calls").trim().split("\n") : [];
  }

  test("adds what is missing, a refusal before all others", () => {
    expect(apply(["ufw allow 22/tcp", DENY], [])).toEqual(["allow|22/tcp|", "prepend|deny|in|on|docker0|to|any|port|22|proto|tcp|"]);
  });

  test("deletes a rule that is not ours, whose comment has several words", () => {
    expect(apply([], ["ufw allow 8080/tcp comment 'for the test'"])).toEqual(["--force|delete|allow|8080/tcp|comment|for the test|"]);
  });

  test("expands nothing in a rule: its text is not executed", () => {
    expect(apply([], ["ufw allow 8080/tcp comment $(touch$IFS/executed);echo"])).toEqual(["--force|delete|allow|8080/tcp|comment|$(touch$IFS/executed);echo|"]);
  });
});

describe("remove.sh", () => {
  /** Removes the hardening of a host on which these commands undo it, the last one first. */
  function remove(undo: readonly string[]) {
    install("remove.sh", ["/var/lib/bookstack-host", "/usr/local/lib/bookstack-host", "/etc/bookstack", "/run/lock"]);
    sandbox.folder("run/lock");
    sandbox.folder("usr/local/lib/bookstack-host/parts");
    sandbox.file("var/lib/bookstack-host/environment", "wiki\n");
    sandbox.file("var/lib/bookstack-host/before/undo", undo.map((command) => `${command}\n`).join(""));
    sandbox.command("id", "echo 0");
    for (const program of ["systemctl", "docker"]) sandbox.command(program, ":");
    return sandbox.sh(["remove.sh", "wiki"]);
  }

  test("runs the undo commands that a release before wrote, quoted words included", () => {
    expect(remove(["sh -c 'echo first \"$1\" >>done' sh 'two words'", "echo second >>done"])).toMatchObject({ status: 0, stderr: "" });
    expect(sandbox.read("done")).toBe("second\nfirst two words\n");
  });

  test("an undo command cannot read the rest of the list, or change the script's variables", () => {
    expect(remove(["echo first >>done", "state=/nowhere; cat >/dev/null"])).toMatchObject({ status: 0 });
    expect(sandbox.read("done")).toBe("first\n");
    expect(sandbox.list("var/lib")).toEqual([]);
  });

  test("says which undo command failed, and runs the others", () => {
    const { status, stderr } = remove(["echo first >>done", "false 'a b'"]);
    expect(status).toBe(1);
    expect(stderr).toContain("remove: could not: false 'a b'\n");
    expect(sandbox.read("done")).toBe("first\n");
  });
});
