import { assetText } from "../core/asset";
import type { HostPart } from "./host-part";
import { HostStep, LIBRARY } from "./host-step";

/** File of the values; its name sorts after every file of the distribution that would override them. */
export const SYSCTL_FILE = "/etc/sysctl.d/99-zz-bookstack.conf";
const TOOL = `${LIBRARY}/sysctl-values`;

/** Values of the kernel, by what they are for. */
const VALUES: readonly (readonly [reason: string, values: Readonly<Record<string, string | number>>])[] = [
  ["a host of containers routes; 0 would cut them off at the next boot", { "net.ipv4.ip_forward": 1 }],
  [
    "packets come from where their answer would go to; strict, because bridges are symmetric",
    { "net.ipv4.conf.all.rp_filter": 1, "net.ipv4.conf.default.rp_filter": 1 },
  ],
  ["no source routing by other hosts", both("accept_source_route", 0)],
  ["no route changes by other hosts", { ...both("accept_redirects", 0), ...four("secure_redirects", 0), ...four("send_redirects", 0) }],
  ["packets with impossible addresses are logged", four("log_martians", 1)],
  ["no part in floods by answers to broadcasts", { "net.ipv4.icmp_echo_ignore_broadcasts": 1, "net.ipv4.icmp_ignore_bogus_error_responses": 1 }],
  ["connections survive a flood of SYN packets, and end safely", { "net.ipv4.tcp_syncookies": 1, "net.ipv4.tcp_rfc1337": 1 }],
  [
    "programs for the kernel's own machine come from root alone, and their constants are hidden",
    { "kernel.unprivileged_bpf_disabled": 1, "net.core.bpf_jit_harden": 2 },
  ],
  ["addresses and messages of the kernel are for root", { "kernel.kptr_restrict": 2, "kernel.dmesg_restrict": 1, "kernel.perf_event_paranoid": 3 }],
  ["only root looks into other processes", { "kernel.yama.ptrace_scope": 2 }],
  ["no other kernel is loaded without a boot, and no key combination commands this one", { "kernel.kexec_load_disabled": 1, "kernel.sysrq": 0 }],
  ["addresses are random", { "kernel.randomize_va_space": 2 }],
  ["a kernel that is broken starts again rather than go on", { "kernel.panic": 10, "kernel.panic_on_oops": 1 }],
  [
    "links and pipes in world-writable directories are not followed",
    { "fs.protected_hardlinks": 1, "fs.protected_symlinks": 1, "fs.protected_fifos": 2, "fs.protected_regular": 2 },
  ],
  ["memory of privileged programs is not dumped", { "fs.suid_dumpable": 0, "kernel.core_uses_pid": 1 }],
  ["no driver is loaded by opening a terminal", { "dev.tty.ldisc_autoload": 0 }],
  ["secrets in memory stay out of swap as long as there is room", { "vm.swappiness": 10 }],
];

/** Values of the running kernel, now and after each boot; forwarding stays on, or containers are cut off. */
export class Sysctl implements HostPart {
  public readonly name = "sysctl";
  public readonly summary = "values of the kernel";

  public steps(): readonly HostStep[] {
    return [
      HostStep.packages(["procps"]),
      HostStep.file(TOOL, assetText("host/assets/sysctl-values.sh"), { mode: "0700" }),
      HostStep.file(SYSCTL_FILE, renderValues()),
      HostStep.command("values of the kernel", [TOOL, "apply"], {
        unless: [TOOL, "check"],
        undo: ["sysctl", "-q", "-e", "-p", "/var/lib/bookstack-host/before/sysctl"],
      }),
    ];
  }
}

function renderValues(): string {
  const lines = VALUES.flatMap(([reason, values]) => [`# ${reason}`, ...Object.entries(values).map(([key, value]) => `${key} = ${value}`)]);
  return `${lines.join("\n")}\n`;
}

function four(name: string, value: number): Record<string, number> {
  return { [`net.ipv4.conf.all.${name}`]: value, [`net.ipv4.conf.default.${name}`]: value };
}

function both(name: string, value: number): Record<string, number> {
  return { ...four(name, value), [`net.ipv6.conf.all.${name}`]: value, [`net.ipv6.conf.default.${name}`]: value };
}
