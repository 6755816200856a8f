import { stringify } from "yaml";
import { renderIni } from "../core/render";
import type { HostPart } from "./host-part";
import { CONFIGURATION, HostStep, LIBRARY } from "./host-step";

export interface FirewallBouncerProps {
  /** `http://…` of CrowdSec's local API, at an address that the host reaches and that does not change. */
  readonly apiUrl: string;
  /** File of the host, in memory, with the key by which the bouncer asks. */
  readonly keyFile: string;
}

/** Name of the service that gets the key. */
export const FIREWALL_BOUNCER = "firewall-bouncer";
const UNIT = `bookstack-${FIREWALL_BOUNCER}.service`;
/** The one that comes with the package, without a key. */
const PACKAGED = "crowdsec-firewall-bouncer.service";
const TEMPLATE = `${CONFIGURATION}/${FIREWALL_BOUNCER}.yaml`;
const CONFIGURED = `/run/bookstack/${FIREWALL_BOUNCER}.yaml`;
const TOOL = `${LIBRARY}/${FIREWALL_BOUNCER}-configuration`;
const RUN = `${LIBRARY}/${FIREWALL_BOUNCER}`;
const TABLES = `${CONFIGURATION}/${FIREWALL_BOUNCER}.nft`;
/** In front of Docker's chains, UFW's and our own. */
const PRIORITY = "filter - 10";
/** Into the host, and into containers. */
const HOOKS = ["input", "forward"] as const;
/** Names that the bouncer of every release finds: the oldest ones look for a table without regard to its family. */
const FAMILIES = { ip: { table: "crowdsec", type: "ipv4_addr" }, ip6: { table: "crowdsec6", type: "ipv6_addr" } } as const;

/**
 * Drops packets of addresses that CrowdSec has banned, before they reach a container or the host.
 *
 * It fills sets of our own nftables tables, which neither `ufw reload` nor Docker changes: the tables that it would create itself
 * guard the host alone in the release of Debian 12, and no container. While CrowdSec is away, bans last until they end.
 */
export class FirewallBouncer implements HostPart {
  public readonly name = FIREWALL_BOUNCER;
  public readonly summary = "drops packets of addresses that CrowdSec has banned";

  constructor(private readonly props: FirewallBouncerProps) {}

  public steps(): readonly HostStep[] {
    const idle = `! systemctl -q is-active ${PACKAGED} && ! systemctl -q is-enabled ${PACKAGED}`;
    return [
      HostStep.packages(["crowdsec-firewall-bouncer", "nftables"]),
      HostStep.command("the bouncer of the package runs, and has no key", ["systemctl", "-q", "disable", "--now", PACKAGED], {
        unless: ["sh", "-c", idle],
        undo: ["systemctl", "-q", "enable", PACKAGED],
      }),
      HostStep.file(TEMPLATE, stringify(renderConfiguration(this.props)), { mode: "0600", restarts: [UNIT] }),
      HostStep.file(TOOL, renderTool(this.props), { mode: "0700", restarts: [UNIT] }),
      HostStep.file(RUN, renderRun(this.props), { mode: "0700", restarts: [UNIT] }),
      HostStep.file(TABLES, renderTables(), { restarts: [UNIT] }),
      HostStep.file(`/etc/systemd/system/${UNIT}`, renderIni(UNIT_SECTIONS), { restarts: [UNIT] }),
      HostStep.service(UNIT),
      ...Object.entries(FAMILIES).flatMap(([family, { table }]) => HOOKS.map((hook) => drops(family, table, hook))),
    ];
  }
}

function setOf(table: string): string {
  return `${table}-blacklists`;
}

/** A restart of the bouncer restores removed rules. */
function drops(family: string, table: string, hook: string): HostStep {
  const test = `nft list chain ${family} ${table} ${hook} 2>/dev/null | grep -q "@${setOf(table)}.* drop"`;
  return HostStep.command(`the chain ${hook} of the table ${family} ${table} drops no packets`, ["systemctl", "restart", UNIT], { unless: ["sh", "-c", test] });
}

/** Recreated at each start, without leftovers. */
function renderTables(): string {
  return Object.entries(FAMILIES)
    .map(([family, { table, type }]) => {
      const chains = HOOKS.map(
        (hook) =>
          `\tchain ${hook} {\n\t\ttype filter hook ${hook} priority ${PRIORITY}; policy accept;\n\t\t${family} saddr @${setOf(table)} counter drop\n\t}\n`,
      );
      const set = `\tset ${setOf(table)} {\n\t\ttype ${type}\n\t\tflags timeout\n\t}\n`;
      return `table ${family} ${table}\ndelete table ${family} ${table}\ntable ${family} ${table} {\n${set}${chains.join("")}}\n`;
    })
    .join("");
}

function renderConfiguration({ apiUrl }: FirewallBouncerProps): object {
  const table = (name: string) => ({ enabled: true, "set-only": true, table: name, chain: "forward" });
  return {
    mode: "nftables",
    pid_dir: "/run/",
    update_frequency: "10s",
    daemonize: false,
    log_mode: "stdout",
    log_level: "info",
    api_url: apiUrl,
    disable_ipv6: false,
    deny_action: "DROP",
    deny_log: false,
    blacklists_ipv4: setOf(FAMILIES.ip.table),
    blacklists_ipv6: setOf(FAMILIES.ip6.table),
    nftables: { ipv4: table(FAMILIES.ip.table), ipv6: table(FAMILIES.ip6.table) },
  };
}

/** The bouncer reads its key from its configuration, which therefore is in memory alone. */
function renderTool({ keyFile }: FirewallBouncerProps): string {
  return `#!/bin/sh
# the configuration of the bouncer with its key, in memory and for root alone
set -eu
umask 077
{
  cat ${TEMPLATE}
  printf 'api_key: "%s"\\n' "$(cat ${keyFile})"
} >${CONFIGURED}.new
mv ${CONFIGURED}.new ${CONFIGURED}
`;
}

/**
 * The bouncer exits without an answer. Waiting for it here keeps the tables, and reports at boot that the bouncer runs; one whose key
 * is refused still ends.
 */
function renderRun({ apiUrl }: FirewallBouncerProps): string {
  const { hostname, port } = new URL(apiUrl);
  return `#!/bin/sh
# the bouncer, as soon as CrowdSec listens: its container may come later than the host
set -eu
until timeout 5 bash -c ': <>/dev/tcp/${hostname}/${port}' 2>/dev/null; do sleep 2; done
exec /usr/bin/crowdsec-firewall-bouncer -c ${CONFIGURED}
`;
}

const UNIT_SECTIONS = {
  Unit: {
    Description: "Drops packets of addresses that CrowdSec has banned",
    After: "network-online.target docker.service ufw.service",
    Wants: "network-online.target",
  },
  Service: {
    ExecStartPre: [`/usr/sbin/nft -f ${TABLES}`, TOOL],
    ExecStart: RUN,
    ExecStopPost: Object.entries(FAMILIES).map(([family, { table }]) => `-/usr/sbin/nft delete table ${family} ${table}`),
    // CrowdSec may listen before it answers
    Restart: "always",
    RestartSec: 10,
    NoNewPrivileges: "yes",
    CapabilityBoundingSet: "CAP_NET_ADMIN CAP_NET_RAW",
    ProtectSystem: "strict",
    ReadWritePaths: "/run",
    ProtectHome: "yes",
    PrivateTmp: "yes",
    MemoryMax: "256M",
  },
  Install: { WantedBy: "multi-user.target" },
};
