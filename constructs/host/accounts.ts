import type { HostPart } from "./host-part";
import { HostStep } from "./host-step";

/** For accounts that are made later; those that are there keep what they have. */
const LOGIN: Readonly<Record<string, string>> = { UMASK: "027", PASS_MAX_DAYS: "365", PASS_MIN_DAYS: "1", PASS_WARN_AGE: "14" };
/** Networks, file systems and buses that a server of containers has no use for; what it may boot from, or be set up by, is not among them. */
const DRIVERS = [
  "dccp",
  "sctp",
  "rds",
  "tipc",
  "cramfs",
  "freevxfs",
  "jffs2",
  "hfs",
  "hfsplus",
  "usb-storage",
  "firewire-core",
  "firewire-ohci",
  "firewire-sbp2",
];
const NOTICE = `Private system. Access is restricted to its owner and to people authorized by the owner, and prohibited to all others.
Activity is monitored and recorded, and may be used as evidence.
`;

/** Settings for all logins, and drivers that cannot be loaded. */
export class Accounts implements HostPart {
  public readonly name = "accounts";
  public readonly summary = "limits of accounts, and drivers that are not loaded";

  public steps(): readonly HostStep[] {
    return [
      ...Object.entries(LOGIN).map(([key, value]) => HostStep.setting("/etc/login.defs", key, value, { separator: "\t" })),
      HostStep.file("/etc/security/limits.d/bookstack.conf", "# memory of a program that crashed may hold secrets\n* hard core 0\nroot hard core 0\n"),
      HostStep.file("/etc/modprobe.d/bookstack.conf", DRIVERS.map((driver) => `install ${driver} /bin/false\nblacklist ${driver}\n`).join("")),
      ...["/etc/issue", "/etc/issue.net"].map((path) => HostStep.file(path, NOTICE)),
      HostStep.directory("/etc/sudoers.d", { mode: "0750" }),
    ];
  }
}
