import { createHash } from "node:crypto";
import { TerraformStack } from "cdktf";
import { fromTerraformLiteral } from "../../../constructs/core/terraform-literal";
import type { HostConnection } from "../../../constructs/host/connection";
import { HardenedHost } from "../../../constructs/host/hardened-host";
import { HostStep } from "../../../constructs/host/host-step";
import { type Block, read, testApp } from "../../support/plan";

const CONNECTION: HostConnection = { address: "203.0.113.10", port: 2222, user: "root", hostKeys: ["ssh-ed25519 AAAA", "ecdsa-sha2-nistp256 BBBB"] };
const PLAIN = { name: "plain", summary: "a file", steps: () => [HostStep.file("/etc/a", "${distro} %{x}\n")] };
const GUARDED = { name: "guarded", summary: "a rollback", steps: () => [HostStep.rollbackUnlessConfirmed(["/etc/a"], "true\n"), HostStep.file("/etc/a", "1")] };

function planWith(connection: HostConnection | undefined, ...parts: (typeof PLAIN)[]) {
  const stack = new TerraformStack(testApp(), "test");
  const host = new HardenedHost(stack, "Host", { environment: "test", connection });
  for (const part of parts) host.add(part);
  const plan = read(stack);
  const resources = plan.resources.null_resource ?? {};
  const provisioners = (name: string): Block[] => resources[host.address(name).split(".")[1] ?? ""]?.provisioner ?? [];
  return { host, resources: Object.values(resources), provisioners };
}

describe("HardenedHost", () => {
  test("applies one part after the other", () => {
    const { resources, host } = planWith(CONNECTION, PLAIN, GUARDED);
    expect(resources.map(({ depends_on }) => depends_on)).toEqual(expect.arrayContaining([[host.address("plain")]]));
    expect(host.names()).toEqual(["plain", "guarded"]);
  });

  test("uploads one script and runs it", () => {
    const { provisioners, host } = planWith(CONNECTION, PLAIN);
    const [{ file } = {}, { "remote-exec": run } = {}, ...rest] = provisioners("plain");
    expect(fromTerraformLiteral(file.content)).toBe(host.script("plain"));
    expect(file.content).not.toMatch(/(?<![$%])[$%]\{/);
    expect(run.inline).toEqual(["set -eu", "sh .bookstack-host-plain.sh apply", "rm -f .bookstack-host-plain.sh"]);
    expect(rest).toEqual([]);
  });

  test("confirms a change with a second connection", () => {
    const [, apply, confirm] = planWith(CONNECTION, GUARDED).provisioners("guarded");
    expect([apply?.["remote-exec"].inline, confirm?.["remote-exec"].inline]).toEqual([
      ["set -eu", "sh .bookstack-host-guarded.sh apply", ":"],
      ["set -eu", "sh .bookstack-host-guarded.sh confirm", "rm -f .bookstack-host-guarded.sh"],
    ]);
  });

  test("goes by sudo where the account is not root", () => {
    const [, run] = planWith({ ...CONNECTION, user: "deploy" }, PLAIN).provisioners("plain");
    expect(run?.["remote-exec"].inline[1]).toBe("sudo -n sh .bookstack-host-plain.sh apply");
  });

  test("believes no host but one with a key that is pinned", () => {
    for (const provisioner of planWith(CONNECTION, GUARDED).provisioners("guarded")) {
      const [{ connection } = { connection: {} }] = Object.values(provisioner) as Block[];
      expect(connection).toEqual({
        type: "ssh",
        host: "203.0.113.10",
        port: 2222,
        user: "root",
        timeout: "3m",
        agent: "true",
        host_key: "ssh-ed25519 AAAA\n@cert-authority 203.0.113.10:2222 ecdsa-sha2-nistp256 BBBB",
        script_path: "./.bookstack-host-guarded.run",
      });
    }
  });

  test("reads a key file where Terraform runs, not here", () => {
    const [{ file } = {}] = planWith({ ...CONNECTION, keyFile: "~/.ssh/id" }, PLAIN).provisioners("plain");
    expect(file.connection).toMatchObject({ agent: "false", private_key: '${file(pathexpand("~/.ssh/id"))}' });
  });

  test("is applied again exactly when its script, its host or its environment is another", () => {
    const { resources, host } = planWith(CONNECTION, PLAIN);
    expect(resources[0]?.triggers).toEqual({
      script: createHash("sha256").update(host.script("plain")).digest("hex"),
      host: "203.0.113.10:2222",
      environment: "test",
    });
  });

  test("is this machine by default, and confirms at once", () => {
    const [{ "local-exec": run } = {}, ...rest] = planWith(undefined, GUARDED).provisioners("guarded");
    expect(run.command).toMatch(/as_root sh "\$file" apply\nas_root sh "\$file" confirm$/);
    expect(run.environment.SCRIPT).toContain("begin guarded test");
    expect(rest).toEqual([]);
  });

  test.each([
    [() => planWith({ ...CONNECTION, hostKeys: [] }, PLAIN), "connection must name a host key"],
    [() => planWith(CONNECTION, PLAIN, PLAIN), 'the part "plain" is there already'],
    [() => planWith(CONNECTION, { ...PLAIN, name: "A b" }), 'got "A b"'],
    [() => planWith(CONNECTION), "has no part; call add() at least once"],
  ])("%# is refused", (make, reason) => {
    expect(make).toThrow(reason);
  });
});
