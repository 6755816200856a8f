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

/**
 * Drops packets of addresses that CrowdSec has banned, before they reach a container or the host.
 *
 * It has nftables tables of its own, where neither `ufw reload` nor Docker touches them. While CrowdSec is away, bans last until they end.
 */
export class FirewallBouncer implements HostPart {
  public readonly name = FIREWALL_BOUNCER;
  public readonly summary = "drops packets of addresses that CrowdSec has banned";

  constructor(private readonly props: FirewallBouncerProps) {}

  public steps(): readonly HostStep[] {
    const idle = `! systemctl -q is-active ${PACKAGED} && ! systemctl -q is-enabled ${PACKAGED}`;
    return [
      HostStep.packages(["crowdsec-firewall-bouncer", "nftables"]),
      HostStep.command("the bouncer of the package runs, and has no key", ["systemctl", "-q", "disable", "--now", PACKAGED], { unless: ["sh", "-c", idle] }),
      HostStep.file(TEMPLATE, stringify(renderConfiguration(this.props)), { mode: "0600", restarts: [UNIT] }),
      HostStep.file(TOOL, renderTool(this.props), { mode: "0700", restarts: [UNIT] }),
      HostStep.file(`/etc/systemd/system/${UNIT}`, renderIni(UNIT_SECTIONS), { restarts: [UNIT] }),
      HostStep.service(UNIT),
    ];
  }
}

function renderConfiguration({ apiUrl }: FirewallBouncerProps): object {
  const table = (name: string) => ({ enabled: true, "set-only": false, table: name, chain: `${name}-chain`, priority: -10 });
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
    nftables: { ipv4: table("crowdsec"), ipv6: table("crowdsec6") },
    // into the host, and into containers
    nftables_hooks: ["input", "forward"],
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

const UNIT_SECTIONS = {
  Unit: {
    Description: "Drops packets of addresses that CrowdSec has banned",
    After: "network-online.target docker.service ufw.service",
    Wants: "network-online.target",
  },
  Service: {
    ExecStartPre: TOOL,
    ExecStart: `/usr/bin/crowdsec-firewall-bouncer -c ${CONFIGURED}`,
    // CrowdSec may come later than the host
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
