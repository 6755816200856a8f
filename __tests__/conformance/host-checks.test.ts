import { assetText } from "../../constructs/core/asset";
import { Sandbox } from "../support/sandbox";

/** Programs that checks.sh asks, each with what it does on a host where all is well. */
const PROGRAMS: Readonly<Record<string, string>> = {
  iptables: "printf 'Chain INPUT (policy DROP 5 packets, 300 bytes)\\nChain ufw-user-input (1 references)\\n 7 400 DROP\\n'",
  ip6tables: "printf 'Chain INPUT (policy DROP 1 packets, 60 bytes)\\n'",
  nft: "echo '    counter packets 2 bytes 80 drop'",
  "fail2ban-client": `if [ "$#" = 1 ]; then echo '\`- Jail list:	sshd, mysqld'; else printf '|- Total failed:	9\\n|- Currently banned:	1\\n\`- Total banned:	4\\n'; fi`,
  "apt-get": "printf 'Inst openssl [3.0.1] (3.0.2 Debian-Security:12/stable-security [amd64])\\nInst vim [1] (2 Debian:12 [amd64])\\n'",
};

describe("checks.sh", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    for (const folder of ["bin", "parts", "metrics"]) sandbox.folder(folder);
    sandbox.file("parts/firewall", "exit 0\n");
    sandbox.file("audit.log", "type=X msg=audit(1700000000.000:321): a\n");
  });
  afterEach(() => sandbox.remove());

  /** Metrics that it writes where the programs do what `programs` say, by name without labels. */
  function measured(programs: Readonly<Record<string, string>>, log = "audit.log"): Record<string, number> {
    for (const [name, body] of Object.entries(programs)) sandbox.file(`bin/${name}`, `#!/bin/sh\n${body}\n`);
    const script = assetText("host/assets/checks.sh")
      .replace(/^PATH=.*$/m, `PATH=${sandbox.path("bin")}:/usr/bin:/bin`)
      .replace(/^parts=.*$/m, `parts=${sandbox.path("parts")}`)
      .replace(/^directory=.*$/m, `directory=${sandbox.path("metrics")}`)
      .replaceAll("/var/log/audit/audit.log", sandbox.path(log));
    sandbox.file("checks.sh", script);
    expect(sandbox.sh(["-c", "chmod +x bin/* 2>/dev/null; sh checks.sh"])).toMatchObject({ status: 0, stderr: "" });
    const lines = sandbox.read("metrics/host.prom").split("\n");
    const samples = lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => line.split(" "));
    return Object.fromEntries(samples.map(([name = "", value]) => [name.replace(/\{.*/, ""), Number(value)]));
  }

  test("writes what it finds", () => {
    const found = measured(PROGRAMS);
    expect(Object.keys(found).sort()).toEqual([
      "host_audit_events_total",
      "host_checks_last_run_timestamp_seconds",
      "host_fail2ban_banned",
      "host_fail2ban_bans_total",
      "host_firewall_blocks_total",
      "host_reboot_required",
      "host_security_updates_pending",
      "host_ssh_failed_logins_total",
      "host_step_drift",
    ]);
    expect(found).toMatchObject({
      host_firewall_blocks_total: 15,
      host_security_updates_pending: 1,
      host_ssh_failed_logins_total: 9,
    });
  });

  test.each([
    ["Fail2Ban does not answer", { "fail2ban-client": "exit 255" }, ["host_fail2ban_banned", "host_fail2ban_bans_total", "host_ssh_failed_logins_total"]],
    ["the firewall's programs fail", { iptables: "exit 1", ip6tables: "exit 1", nft: "exit 1" }, ["host_firewall_blocks_total"]],
    ["apt fails", { "apt-get": "exit 100" }, ["host_security_updates_pending"]],
  ])("an unknown value is missing, not zero: %s", (_, broken, gone) => {
    const before = Object.keys(measured(PROGRAMS));
    const after = Object.keys(measured({ ...PROGRAMS, ...broken }));
    expect(before.filter((name) => !after.includes(name)).sort()).toEqual(gone);
  });

  test("no audit log is not one without events", () => {
    expect(measured(PROGRAMS, "none")).not.toHaveProperty("host_audit_events_total");
  });
});
