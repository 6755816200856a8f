import type { FileProvisioner, LocalExecProvisioner, RemoteExecProvisioner, SSHProvisionerConnection } from "cdktf";
import { Fn } from "cdktf";

/** How Terraform reaches a host. */
export interface HostConnection {
  /** Host name or address. */
  readonly address: string;
  readonly port: number;
  /** root, or a user who may run sudo without a password. */
  readonly user: string;
  /**
   * Every public key by which the host may show who it is, as `<type> <base64>`.
   *
   * All of them, because Terraform takes the ECDSA key while the host has one, and the hardened host shows its Ed25519 key alone.
   */
  readonly hostKeys: readonly string[];
  /** Private key of the user, on the machine that runs Terraform. @default - the SSH agent's */
  readonly keyFile?: string;
}

/** Lines of a `known_hosts` file with the keys of a host, and no others. */
export function knownHosts({ address, port, hostKeys }: HostConnection): string {
  return hostKeys.map((key) => `[${address}]:${port} ${key}\n${address} ${key}`).join("\n");
}

type Provisioner = FileProvisioner | LocalExecProvisioner | RemoteExecProvisioner;

/** Runs the script of a part over SSH; `confirmed` by a second connection. */
export function remotely(connection: HostConnection, part: string, script: string, confirmed: boolean): Provisioner[] {
  const file = `.bookstack-host-${part}.sh`;
  const sudo = connection.user === "root" ? "" : "sudo -n ";
  const run = (verb: string, after: string) => ({
    type: "remote-exec" as const,
    connection: ssh(connection, part),
    inline: ["set -eu", `${sudo}sh ${file} ${verb}`, after],
  });
  return [
    { type: "file", connection: ssh(connection, part), content: script, destination: file },
    ...(confirmed ? [run("apply", ":"), run("confirm", `rm -f ${file}`)] : [run("apply", `rm -f ${file}`)]),
  ];
}

/** Runs the script of a part on this machine. Terraform cannot be locked out, so the change is confirmed at once. */
export function locally(script: string, confirmed: boolean): Provisioner[] {
  const verbs = ["apply", ...(confirmed ? ["confirm"] : [])];
  const command = [
    "set -eu",
    "file=$(mktemp); trap 'rm -f \"$file\"' EXIT",
    'printf \'%s\' "$SCRIPT" >"$file"',
    'as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }',
    ...verbs.map((verb) => `as_root sh "$file" ${verb}`),
  ].join("\n");
  return [{ type: "local-exec", interpreter: ["/bin/sh", "-c"], command, environment: { SCRIPT: script } }];
}

function ssh({ address, port, user, hostKeys, keyFile }: HostConnection, part: string): SSHProvisionerConnection {
  return {
    type: "ssh",
    host: address,
    port,
    user,
    timeout: "3m",
    hostKey: knownKeys(hostKeys, address, port),
    ...(keyFile === undefined ? { agent: "true" } : { agent: "false", privateKey: Fn.file(Fn.pathexpand(keyFile)) }),
    // with a unique name: the default leaves a world-writable file behind each time
    scriptPath: `./.bookstack-host-${part}.run`,
  };
}

/**
 * Terraform writes what it is given here into one line of a `known_hosts` file, after the host's name. A second key needs a line of its
 * own, with the name and the mark that Terraform gives the first.
 */
function knownKeys(keys: readonly string[], address: string, port: number): string {
  const host = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  return keys.join(`\n@cert-authority ${host} `);
}
