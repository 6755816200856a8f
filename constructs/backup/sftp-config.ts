import { SECRETS_DIRECTORY } from "../contracts/secret-store";
import type { SecretText } from "../secrets/secret";

/** An SFTP server. */
export interface SftpServer {
  readonly name: string;
  readonly host: string;
  readonly port?: number;
  readonly user: string;
  readonly hostKey: string;
}

interface SftpAccess extends SftpServer {
  readonly key: SecretText;
  /** Path of the file with the public key of the server. */
  readonly knownHosts: string;
}

const SSH_PORT = 22;

/** Configuration of rclone; no command is run at the server, because an account for backups may have no shell. */
export function renderSftp({ name, host, port = SSH_PORT, user, hostKey, key, knownHosts }: SftpAccess): string {
  return [
    `[${name}]`,
    "type = sftp",
    `host = ${host}`,
    `port = ${port}`,
    `user = ${user}`,
    `key_file = ${SECRETS_DIRECTORY}/${key.name}`,
    `known_hosts_file = ${knownHosts}`,
    // otherwise a server with several keys may present another one, which looks like an attack
    `host_key_algorithms = ${algorithms(hostKey)}`,
    "shell_type = none",
    "disable_hashcheck = true",
    "",
  ].join("\n");
}

/** `known_hosts` of OpenSSH with the one key of the server. */
export function renderKnownHosts({ host, port = SSH_PORT, hostKey }: SftpServer): string {
  return `${port === SSH_PORT ? host : `[${host}]:${port}`} ${hostKey}\n`;
}

/** Signatures of the type of the key; the type `ssh-rsa` is also the name of a signature with SHA-1, which servers refuse. */
function algorithms(hostKey: string): string {
  const [type = ""] = hostKey.split(" ");
  return type === "ssh-rsa" ? "rsa-sha2-512 rsa-sha2-256" : type;
}
