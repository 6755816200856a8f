import { isIP } from "node:net";
import { isHostName } from "../../../constructs/core/hostnames";
import { remoteDocker, urlHost } from "../host-url";
import { quoted } from "../problems/finding";
import { checked } from "./text";

/** A socket that a shell and a URL take as it is. */
const SOCKET = /^unix:\/\/\/[A-Za-z0-9_./-]+$/;

export function dockerHost(description: string) {
  const pattern =
    /^(unix:\/\/\/[A-Za-z0-9_./-]+|ssh:\/\/([A-Za-z0-9_][A-Za-z0-9_.-]*@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.-]*)(:[1-9][0-9]{0,4})?|tcp:\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.-]*):[1-9][0-9]{0,4})$/;
  return checked({ description, example: "ssh://deploy@203.0.113.10", pattern, problem: dockerHostProblem });
}

function dockerHostProblem(written: string): string | undefined {
  if (SOCKET.test(written)) return undefined;
  const remote = remoteDocker(written);
  const forms = "unix:///var/run/docker.sock, ssh://deploy@203.0.113.10 or tcp://203.0.113.10:2376";
  const [, scheme = "", bare = ""] = /^(ssh|tcp):\/\/(?:[^@/]*@)?([0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:]*)$/.exec(written) ?? [];
  if (isIP(bare) === 6) return `"${written}" must have the IPv6 address in brackets; write it like ${scheme}://[${bare}]${scheme === "tcp" ? ":2376" : ""}`;
  if (!remote) return `"${written}" is no Docker host that can be used; write it like ${forms}`;
  if (remote.scheme === "ssh") return undefined;
  if (remote.user !== undefined) return `"${written}" names a user, which tcp:// does not have; leave it out`;
  if (remote.port === undefined) return `"${written}" names no port; write it like tcp://${urlHost(remote.host)}:2376`;
  return remote.port === 2375 ? `"${written}" is the port without TLS; access to it is root access, so let Docker listen on 2376 with certificates` : undefined;
}

/** A host by name or by address, IPv4 or IPv6. */
export function remoteHost(description: string) {
  return checked({
    description,
    example: "203.0.113.10",
    pattern: /^[A-Za-z0-9.:-]+$/,
    longest: 253,
    problem: (written) =>
      isHostName(written) || isIP(written) !== 0 ? undefined : `${quoted(written)} is no name or address of a host; write it like 203.0.113.10`,
  });
}

/** Name of an account of Linux. */
export function accountName(description: string, usual: string) {
  const pattern = /^[a-z_][a-z0-9_-]{0,31}$/;
  return checked({
    description: `${description}; ${usual} unless given`,
    example: usual,
    pattern,
    longest: 32,
    problem: (written) => (pattern.test(written) ? undefined : `${quoted(written)} is no name of an account; write it like ${usual}`),
  }).prefault(usual);
}

/** Public key by which a host shows who it is, as ssh-keyscan prints it, without the name of the host. */
export function hostKey(description: string) {
  const pattern = /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/]{60,}={0,2}$/;
  return checked({
    description,
    example: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw",
    pattern,
    longest: 2000,
    problem: (written) =>
      pattern.test(written) && hasOwnType(written)
        ? undefined
        : `${quoted(written)} is no public key; write it like ssh-ed25519 AAAAC3…, as in /etc/ssh/ssh_host_ed25519_key.pub without the name behind it`,
  });
}

/** The key says inside, too, of which type it is: a text that was cut off or mixed up does not. */
function hasOwnType(written: string): boolean {
  const [type = "", encoded = ""] = written.split(" ");
  const bytes = Buffer.from(encoded, "base64");
  return bytes.length > 4 && bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString() === type;
}
