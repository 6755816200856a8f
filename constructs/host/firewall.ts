import { assetText } from "../core/asset";
import { canonicalCidr } from "../core/cidr";
import type { HostPart } from "./host-part";
import { CONFIGURATION, HostStep, LIBRARY } from "./host-step";
import { SYSCTL_FILE } from "./sysctl";

/** A port of the host's own, for the containers of one bridge. */
export interface BridgePort {
  readonly bridge: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly port: number;
}

export interface FirewallProps {
  readonly sshPort: number;
  /** Ranges from which SSH is reached. @default - from everywhere */
  readonly sshFrom?: readonly string[];
  /** TCP ports that containers publish and that the outside may reach. */
  readonly published: readonly number[];
  /** The same for UDP. */
  readonly publishedUdp: readonly number[];
  /** Ranges from which published ports are reached. @default - from everywhere */
  readonly publishedFrom?: readonly string[];
  /** @default - none */
  readonly allowedBridgePorts?: readonly BridgePort[];
}

/** Docker's own bridge, those that it makes for networks without a name, and those of this project. */
const BRIDGES = ["docker0", "br-+", "bs-+"];
const TOOL = `${LIBRARY}/ufw-rules`;
const TABLE = "/etc/ufw/bookstack.nft";
/** Chain of those who reach published ports. */
const SOURCES = "proxies";
const INIT = `#!/bin/sh
# Runs with the start of ufw, so before the network and before Docker. A stop leaves the table in place: with ufw off, published ports
# are still guarded.
[ "\${1:-}" = start ] || exit 0
exec nft -f ${TABLE}
`;
/** Restores the previous state. */
const RESTORE = `if [ -x /etc/ufw/after.init ] && grep -qs bookstack /etc/ufw/after.init; then :; else nft delete table inet bookstack 2>/dev/null; fi
if grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf; then ufw reload; else ufw --force disable; fi
`;

/**
 * UFW: nothing comes in but what is named here, on IPv4 and IPv6.
 *
 * Docker's published ports bypass UFW. Our own table, before all chains of Docker, drops packets from outside for a
 * port that is not named here; it does not depend on Docker's version, and outlives `ufw reload`, the engine and a boot.
 */
export class Firewall implements HostPart {
  public readonly name = "firewall";
  public readonly summary = "nothing comes in but what is named, also past Docker";

  constructor(private readonly props: FirewallProps) {}

  public steps(): readonly HostStep[] {
    const table = renderTable(this.props);
    const defaults = (key: string, value: string) => HostStep.setting("/etc/default/ufw", key, value, { runs: [TOOL] });
    return [
      HostStep.packages(["ufw", "iptables", "nftables"]),
      HostStep.file(TOOL, assetText("host/assets/ufw-rules.sh"), { mode: "0700" }),
      HostStep.remember(["/etc/ufw"]),
      HostStep.rollbackUnlessConfirmed(["/etc/ufw", "/etc/default/ufw", `${CONFIGURATION}/ufw.rules`, `${CONFIGURATION}/table.nft`], RESTORE),
      HostStep.file(`${CONFIGURATION}/ufw.rules`, renderRules(this.props)),
      HostStep.file(`${CONFIGURATION}/table.nft`, table),
      defaults("IPV6", "yes"),
      defaults("DEFAULT_INPUT_POLICY", '"DROP"'),
      defaults("DEFAULT_OUTPUT_POLICY", '"ACCEPT"'),
      defaults("DEFAULT_FORWARD_POLICY", '"DROP"'),
      defaults("MANAGE_BUILTINS", "no"),
      // its own values would take back those of sysctl at each start and reload
      defaults("IPT_SYSCTL", SYSCTL_FILE),
      HostStep.file(TABLE, `table inet bookstack\ndelete table inet bookstack\n${table}`, { mode: "0640", runs: [TOOL] }),
      HostStep.file("/etc/ufw/after.init", INIT, { mode: "0750", runs: [TOOL] }),
      HostStep.command("rules of the firewall", [TOOL, "apply"], {
        unless: [TOOL, "check"],
        undo: ["sh", "-c", "ufw --force disable >/dev/null; nft delete table inet bookstack || :"],
      }),
      HostStep.service("ufw.service"),
    ];
  }
}

/** Commands of ufw, in the form in which `ufw show added` has them. */
function renderRules({ sshPort, sshFrom, published, publishedUdp, publishedFrom, allowedBridgePorts = [] }: FirewallProps): string {
  const ssh = sshFrom === undefined ? [`ufw allow ${sshPort}/tcp`] : sshFrom.map((range) => `ufw allow from ${range} to any port ${sshPort} proto tcp`);
  const lines = [
    // containers have no business with the host's SSH, and reach it by the address of their bridge
    ...BRIDGES.map((bridge) => `ufw deny in on ${bridge} to any port ${sshPort} proto tcp`),
    ...ssh,
    // packets for a container do not pass here: the table below decides about them
    ...(publishedFrom ? [] : [...published.map((port) => `ufw allow ${port}/tcp`), ...publishedUdp.map((port) => `ufw allow ${port}/udp`)]),
    ...allowedBridgePorts.map(({ bridge, subnet, gateway, port }) => `ufw allow in on ${bridge} from ${subnet} to ${gateway} port ${port} proto tcp`),
  ];
  return `${lines.join("\n")}\n`;
}

/** The table exactly as `nft -s list table` prints it, so that the two can be compared. */
function renderTable({ published, publishedUdp, publishedFrom }: FirewallProps): string {
  const verdict = publishedFrom ? `jump ${SOURCES}` : "accept";
  const port = (protocol: string) => (number: number) => `\t\tmeta l4proto ${protocol} ct status dnat ct original proto-dst ${number} ${verdict}`;
  return [
    "table inet bookstack {",
    ...(publishedFrom ? renderSources(publishedFrom) : []),
    "\tchain forward {",
    "\t\ttype filter hook forward priority filter - 5; policy accept;",
    "\t\tct state established,related accept",
    // outside is whatever does not come from a bridge of Docker: right with any number of network cards
    ...BRIDGES.map((bridge) => `\t\tiifname "${bridge.replace("+", "*")}" accept`),
    // dnat: only through a published port, never directly to the address of a container. One line per port, as older nft prints it
    ...published.map(port("tcp")),
    ...publishedUdp.map(port("udp")),
    '\t\tlimit rate 3/minute burst 10 packets log prefix "[UFW BLOCK DOCKER] "',
    "\t\tcounter drop",
    "\t}",
    "}",
    "",
  ].join("\n");
}

/** One line for each range, IPv4 before IPv6: older nft cannot print a set of ranges as it was written. */
function renderSources(ranges: readonly string[]): string[] {
  const canonical = [...new Set(ranges.map(canonicalCidr))];
  const isSix = (range: string) => range.includes(":");
  const lines = [...canonical.filter((range) => !isSix(range)), ...canonical.filter(isSix)].map(
    (range) => `\t\t${isSix(range) ? "ip6" : "ip"} saddr ${range} accept`,
  );
  return [`\tchain ${SOURCES} {`, ...lines, "\t}", ""];
}
