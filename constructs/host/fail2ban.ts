import { renderIni, type Sections } from "../core/render";
import type { HostPart } from "./host-part";
import { HostStep } from "./host-step";

export interface Fail2banProps {
  readonly sshPort: number;
  /** Ranges that are never banned, besides those of Docker. */
  readonly trusted: readonly string[];
  /** Subnets of containers: a ban of one would affect the next container with its address. */
  readonly containers: readonly string[];
  /** Error log of MySQL on the host. @default - there is no jail for MySQL */
  readonly mysqlLog?: string;
}

const UNIT = "fail2ban.service";
const MYSQL_UNIT = "bookstack-mysql-log.service";
const LOCAL = ["127.0.0.1/8", "::1"];
const RESTARTS = { restarts: [UNIT] };

/**
 * Bans addresses that fail to sign in: by SSH after three tries, by MySQL after five, and for longer who comes back.
 *
 * Bans are in Fail2Ban's own nftables tables, which neither `ufw reload` nor Docker changes. Containers and trusted ranges are
 * never banned.
 */
export class Fail2ban implements HostPart {
  public readonly name = "fail2ban";
  public readonly summary = "bans addresses that fail to sign in";

  constructor(private readonly props: Fail2banProps) {}

  public steps(): readonly HostStep[] {
    const { mysqlLog } = this.props;
    const mysql =
      mysqlLog === undefined
        ? []
        : [
            HostStep.file(`/etc/systemd/system/${MYSQL_UNIT}`, renderMysqlUnit(mysqlLog), { restarts: [MYSQL_UNIT] }),
            HostStep.service(MYSQL_UNIT),
            HostStep.file("/etc/fail2ban/filter.d/bookstack-mysql.conf", renderIni(MYSQL_FILTER), RESTARTS),
          ];
    return [
      HostStep.packages(["fail2ban", "python3-systemd", "nftables"]),
      ...mysql,
      HostStep.file("/etc/fail2ban/fail2ban.d/bookstack.local", renderIni({ Definition: { allowipv6: "auto", dbpurgeage: "8d" } }), RESTARTS),
      HostStep.file("/etc/fail2ban/jail.d/zz-bookstack.local", renderIni(renderJails(this.props)), RESTARTS),
      HostStep.service(UNIT),
      ...Object.entries(jailTries(this.props)).map(([jail, tries]) => tried(jail, tries)),
    ];
  }
}

function jailTries({ mysqlLog }: Fail2banProps): Readonly<Record<string, number>> {
  return { sshd: 3, ...(mysqlLog === undefined ? {} : { "bookstack-mysql": 5 }), recidive: 3 };
}

/** The server takes a moment before it answers. */
function tried(jail: string, tries: number): HostStep {
  const test = `[ "$(fail2ban-client get ${jail} maxretry)" = ${tries} ]`;
  const wait = `systemctl restart ${UNIT}; n=0; until fail2ban-client ping >/dev/null 2>&1 || [ $n -gt 60 ]; do n=$((n + 1)); sleep 1; done`;
  return HostStep.command(`the jail ${jail} does not ban after ${tries} tries`, ["sh", "-c", wait], { unless: ["sh", "-c", test] });
}

function renderJails({ sshPort, trusted, containers, mysqlLog }: Fail2banProps): Sections {
  const ignored = [...LOCAL, ...containers, ...trusted].join(" ");
  return {
    DEFAULT: {
      // Debian has no text logs any more
      backend: "systemd",
      ignoreip: ignored,
      findtime: "10m",
      bantime: "1h",
      "bantime.increment": "true",
      "bantime.maxtime": "1w",
      banaction: "nftables[type=multiport]",
      banaction_allports: "nftables[type=allports]",
    },
    // aggressive: with keys only, an attack is a wrong key for an existing user
    sshd: { enabled: "true", port: sshPort, mode: "aggressive", maxretry: 3 },
    ...(mysqlLog === undefined ? {} : { "bookstack-mysql": MYSQL_JAIL }),
    recidive: {
      enabled: "true",
      backend: "polling",
      logpath: "/var/log/fail2ban.log",
      banaction: "nftables[type=allports, blocktype=drop]",
      bantime: "1w",
      findtime: "1d",
      maxretry: 3,
    },
  };
}

/** Packets to the database pass between bridges, never into the host; the chain is the jail's own, or two jails would share one. */
const MYSQL_JAIL: Sections[string] = {
  enabled: "true",
  filter: "bookstack-mysql",
  journalmatch: `_SYSTEMD_UNIT=${MYSQL_UNIT}`,
  maxretry: 5,
  bantime: "10m",
  "bantime.increment": "false",
  chain: "f2b-forward",
  banaction: "nftables[type=allports, chain_hook=forward, chain_priority=-10, blocktype=drop]",
  port: 3306,
};

const MYSQL_FILTER: Sections = {
  Definition: {
    failregex: String.raw`^(?:.*\s)?\[Note\] \[MY-010926\] \[Server\] Access denied for user '<F-USER>[^']*</F-USER>'@'<HOST>' \(using password: (?:YES|NO)\)\s*$`,
    ignoreregex: "",
  },
};

/** Reads the log into the journal: a jail on the file itself would keep Fail2Ban from starting while there is no such file. */
function renderMysqlUnit(log: string): string {
  return renderIni({
    Unit: { Description: "Failed logins of the database, for Fail2Ban", After: "local-fs.target" },
    Service: {
      ExecStart: `/usr/bin/tail -n 0 -F ${log}`,
      SyslogIdentifier: "bookstack-mysql",
      StandardError: "null",
      Restart: "always",
      RestartSec: 5,
      CapabilityBoundingSet: "CAP_DAC_READ_SEARCH",
      NoNewPrivileges: "yes",
      ProtectSystem: "strict",
      ProtectHome: "yes",
      PrivateNetwork: "yes",
      PrivateTmp: "yes",
      MemoryMax: "64M",
    },
    Install: { WantedBy: "multi-user.target" },
  });
}
