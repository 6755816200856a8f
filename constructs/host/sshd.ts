import { assetText } from "../core/asset";
import type { HostPart } from "./host-part";
import { HostStep, LIBRARY } from "./host-step";

/** Sorts before every other: for sshd the first word counts. */
const FILE = "/etc/ssh/sshd_config.d/00-bookstack.conf";
const TOOL = `${LIBRARY}/sshd-settings`;

const SETTINGS: readonly (readonly [reason: string, settings: Readonly<Record<string, string | number>>])[] = [
  [
    "keys only",
    {
      PubkeyAuthentication: "yes",
      PasswordAuthentication: "no",
      KbdInteractiveAuthentication: "no",
      PermitEmptyPasswords: "no",
      HostbasedAuthentication: "no",
      PermitRootLogin: "prohibit-password",
    },
  ],
  ["one kind of host key, whose curve is undisputed", { HostKeyAlgorithms: "ssh-ed25519" }],
  [
    "modern algorithms",
    {
      KexAlgorithms:
        "sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512",
      Ciphers: "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr",
      MACs: "hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com",
    },
  ],
  ["little time and few tries", { LoginGraceTime: 30, MaxAuthTries: 3, MaxStartups: "30:30:100", ClientAliveInterval: 300, ClientAliveCountMax: 2 }],
  [
    "nothing but commands: no other way into the networks of this host",
    { AllowTcpForwarding: "no", AllowStreamLocalForwarding: "no", AllowAgentForwarding: "no", GatewayPorts: "no", PermitTunnel: "no", X11Forwarding: "no" },
  ],
  ["files of a user do not change the session", { PermitUserEnvironment: "no", PermitUserRC: "no" }],
  ["less to attack, more to read", { Compression: "no", TCPKeepAlive: "no", UseDNS: "no", LogLevel: "VERBOSE", Banner: "/etc/issue.net" }],
];

/** SSH: keys only, modern algorithms, no forwarding; validated by sshd before the reload, and with a rollback. */
export class Sshd implements HostPart {
  public readonly name = "sshd";
  public readonly summary = "SSH with keys only and modern algorithms";

  public steps(): readonly HostStep[] {
    return [
      HostStep.packages(["openssh-server"]),
      HostStep.file(TOOL, assetText("host/assets/sshd-settings.sh"), { mode: "0700" }),
      HostStep.rollbackUnlessConfirmed([FILE], "sshd -t && systemctl reload ssh.service || systemctl restart ssh.service\n"),
      HostStep.file(FILE, renderSettings(), { mode: "0600", runs: [TOOL] }),
      HostStep.command("settings of sshd", [TOOL, "apply"], {
        unless: [TOOL, "check"],
        undo: ["systemctl", "reload", "ssh.service"],
      }),
    ];
  }
}

function renderSettings(): string {
  const lines = SETTINGS.flatMap(([reason, settings]) => [`# ${reason}`, ...Object.entries(settings).map(([key, value]) => `${key} ${value}`)]);
  return `${lines.join("\n")}\n`;
}
