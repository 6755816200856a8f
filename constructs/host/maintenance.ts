import { assetText } from "../core/asset";
import { renderIni, shellWord } from "../core/render";
import type { HostPart } from "./host-part";
import { HostStep, LIBRARY } from "./host-step";

export interface MaintenanceProps {
  /** Containers with logs in volumes, and the arguments of the script that rotates them there. */
  readonly logs: readonly { readonly container: string; readonly args: readonly string[] }[];
}

const ROTATE = `${LIBRARY}/rotate-logs`;
const ROTATE_ALL = `${LIBRARY}/rotate-all-logs`;
const ROTATE_UNIT = "bookstack-rotate-logs";

/** Automatic security updates, log rotation, and time synchronization. */
export class Maintenance implements HostPart {
  public readonly name = "maintenance";
  public readonly summary = "security updates, rotation of logs, the right time";

  constructor(private readonly props: MaintenanceProps) {}

  public steps(): readonly HostStep[] {
    return [
      HostStep.packages(["unattended-upgrades", "logrotate", "needrestart"]),
      HostStep.packages(["systemd-timesyncd"], { unless: "chronyd" }),
      HostStep.file("/etc/apt/apt.conf.d/20auto-upgrades", aptLines(PERIODIC)),
      HostStep.file("/etc/apt/apt.conf.d/52bookstack", UPGRADES),
      HostStep.file("/etc/needrestart/conf.d/bookstack.conf", NEEDRESTART),
      HostStep.file("/etc/systemd/journald.conf.d/bookstack.conf", renderIni({ Journal: JOURNAL }), { restarts: ["systemd-journald.service"] }),
      ...this.rotation(),
      ...["unattended-upgrades.service", "apt-daily.timer", "apt-daily-upgrade.timer", "logrotate.timer"].map((unit) => HostStep.service(unit)),
      HostStep.command("no service keeps the time", ["sh", "-c", "systemctl enable --now chrony.service || systemctl enable --now systemd-timesyncd.service"], {
        unless: ["sh", "-c", "systemctl -q is-active chrony.service || systemctl -q is-active systemd-timesyncd.service"],
      }),
    ];
  }

  /** Every log by the signal of its service, once a day. */
  private rotation(): HostStep[] {
    return [
      HostStep.file(ROTATE, assetText("docker/assets/rotate.sh"), { mode: "0700" }),
      HostStep.file(ROTATE_ALL, renderRotation(this.props), { mode: "0700" }),
      HostStep.file(
        `/etc/systemd/system/${ROTATE_UNIT}.service`,
        renderIni({ Unit: { Description: "Set the logs of the wiki aside" }, Service: { Type: "oneshot", ExecStart: `/bin/sh ${ROTATE_ALL}` } }),
      ),
      HostStep.file(
        `/etc/systemd/system/${ROTATE_UNIT}.timer`,
        renderIni({
          Unit: { Description: "Set the logs of the wiki aside once a day" },
          Timer: { OnCalendar: "daily", RandomizedDelaySec: "30m", Persistent: "true" },
          Install: { WantedBy: "timers.target" },
        }),
      ),
      HostStep.service(`${ROTATE_UNIT}.timer`),
    ];
  }
}

const PERIODIC = {
  "APT::Periodic::Update-Package-Lists": "1",
  "APT::Periodic::Unattended-Upgrade": "1",
  "APT::Periodic::AutocleanInterval": "7",
};
/** Only what is for security, on Debian and on Ubuntu; no automatic reboot; a metric shows that one is required. */
const UPGRADES = `#clear Unattended-Upgrade::Origins-Pattern;
#clear Unattended-Upgrade::Allowed-Origins;
Unattended-Upgrade::Origins-Pattern {
  "origin=Debian,codename=\${distro_codename},label=Debian-Security";
  "origin=Debian,codename=\${distro_codename}-security,label=Debian-Security";
  "origin=Ubuntu,archive=\${distro_codename}-security";
  "origin=UbuntuESM,archive=\${distro_codename}-infra-security";
  "origin=UbuntuESMApps,archive=\${distro_codename}-apps-security";
};
Unattended-Upgrade::Automatic-Reboot "false";
Unattended-Upgrade::Remove-Unused-Kernel-Packages "true";
Unattended-Upgrade::SyslogEnable "true";
`;
/** Programs that still run on an old library are restarted, but never Docker below its containers. */
const NEEDRESTART = `$nrconf{restart} = 'a';
$nrconf{override_rc}{qr(^docker)} = 0;
$nrconf{override_rc}{qr(^containerd)} = 0;
`;
const JOURNAL = { Storage: "persistent", SystemMaxUse: "1G", SystemKeepFree: "1G", MaxRetentionSec: "3month", ForwardToSyslog: "no" };

function aptLines(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key} "${value}";\n`)
    .join("");
}

/** A container that is not there has no log, and one that cannot be rotated keeps no other from it. */
function renderRotation({ logs }: MaintenanceProps): string {
  const lines = logs.map(({ container, args }) => `rotate ${[container, ...args].map(shellWord).join(" ")}`);
  return `#!/bin/sh
set -u
status=0
rotate() {
  container=$1
  shift
  docker inspect "$container" >/dev/null 2>&1 || return 0
  docker exec --interactive "$container" sh -s "$@" <${ROTATE} || status=1
}
${lines.join("\n")}
exit "$status"
`;
}
