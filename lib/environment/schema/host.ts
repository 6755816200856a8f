import { isIPv6 } from "node:net";
import { z } from "zod";
import { canonicalIpv6 } from "../../../constructs/core/subnet6";
import { remoteDocker } from "../host-url";
import { onThisMachine } from "../local-files";
import { localFile } from "../readers";
import { accountName, hostKey, remoteHost } from "../readers/host";
import { cidrs } from "../readers/ranges";

const ssh = z
  .strictObject({
    address: remoteHost("Name or address of the host, the same as that of docker.host"),
    port: z.int().min(1).max(65_535).default(22).meta({ description: "Port of SSH, 1 to 65535; 22 unless given" }),
    user: accountName("Account: root, or one that may run sudo without a password", "root"),
    hostKeys: z
      .array(hostKey("A public key of the host"))
      .refine((keys) => keys.some((key) => key.startsWith("ssh-ed25519 ")), {
        error: "holds no key that begins with ssh-ed25519, the only one that a hardened host shows; add it: ssh-keyscan prints it",
      })
      .meta({
        description: "Every public key of the host that ssh-keyscan prints, an Ed25519 key among them: no other host is believed",
        examples: ["[ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw]"],
      }),
    keyFile: onThisMachine(
      "private key",
      localFile("Private key of the account, on the machine that runs Terraform; the SSH agent's keys unless given", "~/.ssh/id_ed25519"),
    ),
  })
  .meta({ description: "How Terraform reaches the host; leave it out where Terraform runs on the host itself" });

/** What is done to the machine below the containers. */
export const host = z
  .strictObject({
    ssh: ssh.optional(),
    sshFrom: cidrs("Ranges from which SSH is reached; from everywhere unless given").optional(),
    onlyProxies: z.boolean().optional().meta({
      description:
        "Whether the firewall lets only the proxies in front (Cloudflare, access.proxies) reach the wiki; with dns.proxied it does, unless this is false",
    }),
  })
  .meta({ description: "Hardens the Docker host, a Debian or Ubuntu server that does nothing else; it is not changed unless given" });

/**
 * Why the host that would be hardened is not the one with the containers; nothing when it is.
 *
 * `engine` is `docker.host`, `reached` the connection to the host, none where Terraform runs on it.
 */
export function otherHost(engine: string, reached: { address: string; port: number } | undefined): string | undefined {
  const remote = remoteDocker(engine);
  if (remote === undefined) {
    return reached && `connects to ${reached.address}, but docker.host is this machine; omit ssh, or set docker.host to that machine`;
  }
  const { scheme, host, port = 22 } = remote;
  if (reached === undefined) {
    return `needed, because docker.host is ${engine}; without it the machine that runs Terraform would be hardened; add it, with address: ${host}`;
  }
  if (sameForm(reached.address) !== sameForm(host)) return `connects to ${reached.address}, but docker.host to ${host}; use the same host in both`;
  if (scheme === "tcp" || reached.port === port) return undefined;
  return `connects to port ${reached.port} of ${host}, but docker.host to its port ${port}; use the same port in both`;
}

/** An IPv6 address can be written in several ways. */
function sameForm(host: string): string {
  return isIPv6(host) ? canonicalIpv6(host) : host;
}
