import { assetText } from "../core/asset";
import type { HostPart } from "./host-part";
import { CONFIGURATION, HostStep, LIBRARY } from "./host-step";

const TOOL = `${LIBRARY}/audit-rules`;
const RULES_FILE = "/etc/audit/rules.d/10-bookstack.rules";
const FINAL_FILE = "/etc/audit/rules.d/99-finalize.rules";
const UNIT = "auditd.service";
const DAEMON_TOOL = `${LIBRARY}/audit-daemon`;
/** The unit refuses both a restart and a reload. */
const RELOAD = `#!/bin/sh
# has auditd read its configuration again
set -eu
process=$(systemctl show --property=MainPID --value ${UNIT})
[ "$process" = 0 ] || kill -HUP "$process"
`;

/** Watched for changes of content and access → the key that finds the events: `ausearch -k identity`. */
const WATCHED: Readonly<Record<string, readonly string[]>> = {
  identity: ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/security/opasswd"],
  sudoers: ["/etc/sudoers", "/etc/sudoers.d"],
  pam: ["/etc/pam.d"],
  sshd: ["/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d", "/root/.ssh"],
  firewall: ["/etc/ufw", "/etc/fail2ban", "/etc/nftables.conf"],
  sysctl: ["/etc/sysctl.conf", "/etc/sysctl.d"],
  "audit-config": ["/etc/audit"],
  units: ["/etc/systemd/system"],
  cron: ["/etc/crontab", "/etc/cron.d"],
  "time-change": ["/etc/localtime"],
  "host-config": [CONFIGURATION, LIBRARY],
  // CIS Docker 1.1.3, 1.1.6 to 1.1.18; not their execution, which each health check would be
  docker: [
    "/usr/bin/dockerd",
    "/usr/sbin/dockerd",
    "/etc/docker",
    "/etc/docker/daemon.json",
    "/lib/systemd/system/docker.service",
    "/lib/systemd/system/docker.socket",
    "/usr/lib/systemd/system/docker.service",
    "/usr/lib/systemd/system/docker.socket",
    "/run/docker.sock",
    "/etc/default/docker",
    "/etc/containerd/config.toml",
    "/usr/bin/containerd",
    "/usr/bin/containerd-shim",
    "/usr/bin/containerd-shim-runc-v1",
    "/usr/bin/containerd-shim-runc-v2",
    "/usr/bin/runc",
    "/usr/sbin/runc",
  ],
};

/** In the kernel's own order and words, or a comparison with what it holds would always fail. */
function rules(dockerRoot: string): string[] {
  return [
    // who starts the client commands the engine
    "-w /usr/bin/docker -p wxa -k docker",
    // services that set the clock have no login session; a person has one
    "-a always,exit -F arch=b64 -S adjtimex,settimeofday,clock_settime -F auid!=unset -k time-change",
    "-a always,exit -F arch=b64 -S init_module,delete_module,finit_module -k modules",
    "-a always,exit -F arch=b64 -S execve -F euid=0 -F auid>=1000 -F auid!=unset -k root-commands",
    "-a always,exit -F arch=b32 -S execve -F euid=0 -F auid>=1000 -F auid!=unset -k root-commands",
    "-a always,exit -F arch=b64 -S mount,umount2 -F auid>=1000 -F auid!=unset -k mounts",
    // what people do: services write there thousands of times an hour
    ...[
      ["dir", `${CONFIGURATION}/credentials`, "rwa", "secrets"],
      ["dir", "/run/bookstack", "rwa", "secrets"],
      ["path", "/var/lib/systemd/credential.secret", "rwa", "secrets"],
      ["dir", "/run/containerd", "wa", "docker-data"],
      ["path", "/run/containerd/containerd.sock", "wa", "docker-data"],
      ["dir", dockerRoot, "wa", "docker-data"],
    ].map(([field, path, access, key]) => `-a always,exit -S all -F ${field}=${path} -F perm=${access} -F auid!=unset -k ${key}`),
  ];
}

/** 8 files of 32 MB, then the oldest goes; the host is never stopped for a full log. */
const DAEMON: Readonly<Record<string, string>> = {
  max_log_file: "32",
  num_logs: "8",
  max_log_file_action: "ROTATE",
  space_left_action: "SYSLOG",
  admin_space_left_action: "SYSLOG",
  disk_full_action: "SYSLOG",
  disk_error_action: "SYSLOG",
};

export interface AuditdProps {
  /** Where Docker keeps its files on the host. */
  readonly dockerRoot: string;
}

/** The kernel records who changes identities, rights, the firewall, the clock, Docker and the secrets; the rules hold until the next boot. */
export class Auditd implements HostPart {
  public readonly name = "auditd";
  public readonly summary = "a record of who changed what";

  constructor(private readonly props: AuditdProps) {}

  public steps(): readonly HostStep[] {
    return [
      HostStep.packages(["auditd"]),
      HostStep.file(TOOL, assetText("host/assets/audit-rules.sh"), { mode: "0700" }),
      HostStep.file(DAEMON_TOOL, RELOAD, { mode: "0700" }),
      // a rule about a directory needs it, also when the rules are loaded at boot
      // augenrules leaves a copy of the rules before beside them
      HostStep.remember(["/etc/audit/audit.rules.prev"]),
      ...["/etc/docker", "/etc/containerd"].map((path) => HostStep.directory(path)),
      HostStep.directory(`${CONFIGURATION}/credentials`, { mode: "0700" }),
      HostStep.file("/etc/tmpfiles.d/bookstack-audit.conf", "d /run/containerd 0711 root root -\nd /run/bookstack 0711 root root -\n"),
      HostStep.command("directories that audit rules are about", ["systemd-tmpfiles", "--create", "/etc/tmpfiles.d/bookstack-audit.conf"], {
        unless: ["test", "-d", "/run/bookstack", "-a", "-d", "/run/containerd"],
      }),
      HostStep.file(RULES_FILE, renderRules(this.props.dockerRoot), { mode: "0640", runs: [TOOL] }),
      HostStep.file(FINAL_FILE, "# no other rules before the next boot\n-e 2\n", { mode: "0640", runs: [TOOL] }),
      ...Object.entries(DAEMON).map(([key, value]) => HostStep.setting("/etc/audit/auditd.conf", key, value, { separator: " = ", runs: [DAEMON_TOOL] })),
      HostStep.service(UNIT),
      HostStep.command("audit rules", [TOOL, "apply"], {
        unless: [TOOL, "check"],
        undo: ["sh", "-c", "auditctl -e 1 && auditctl -D || touch /run/reboot-required"],
      }),
    ];
  }
}

function renderRules(dockerRoot: string): string {
  const watches = Object.entries(WATCHED).flatMap(([key, paths]) => paths.map((path) => `-w ${path} -p wa -k ${key}`));
  return ["# one rule that cannot be loaded must not cost the others", "-c", ...watches, ...rules(dockerRoot), ""].join("\n");
}
