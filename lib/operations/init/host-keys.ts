import { spawnSync } from "node:child_process";
import { remoteDocker } from "../../environment/host-url";
import { linesOf } from "../../system/lines";
import { OperatorError } from "../../system/operator-error";

/** A machine that is reached by SSH. */
export interface SshTarget {
  readonly user: string;
  readonly address: string;
  readonly port: number;
}

/** A public key that a host shows, and how people compare it. */
export interface HostKey {
  /** `<type> <base64>`. */
  readonly key: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it; empty when it is not installed. */
  readonly fingerprint: string;
}

const SCAN_SECONDS = 10;

/** `user@address` or `user@address:port`, an IPv6 address in brackets; nothing for any other text. */
export function sshTarget(text: string): SshTarget | undefined {
  const { user, host, port = 22 } = remoteDocker(`ssh://${text}`) ?? {};
  return user === undefined || host === undefined || !/^[a-z_][a-z0-9_-]*$/.test(user) ? undefined : { user, address: host, port };
}

/**
 * Every public key that the host shows now.
 *
 * @throws OperatorError when it shows none.
 */
export function scanHostKeys({ address, port }: SshTarget): HostKey[] {
  const { error, stdout } = spawnSync("ssh-keyscan", ["-T", `${SCAN_SECONDS}`, "-p", `${port}`, "--", address], { encoding: "utf8" });
  if (error) throw new OperatorError("ssh-keyscan is not installed", "install the OpenSSH client");
  const keys = linesOf(stdout)
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.split(" ").slice(1, 3).join(" "))
    .filter((key) => /^[a-z0-9-]+ AAAA/.test(key));
  if (keys.length === 0) throw new OperatorError(`no SSH server answers at ${address}, port ${port}`, `ssh-keyscan -p ${port} ${address}   # shows why`);
  // the strongest first: it is the one that a hardened host keeps
  return keys.sort((first, other) => rank(first) - rank(other)).map((key) => ({ key, fingerprint: fingerprintOf(key) }));
}

function rank(key: string): number {
  return ["ssh-ed25519", "ecdsa-sha2-nistp256"].findIndex((type) => key.startsWith(`${type} `)) >>> 0;
}

function fingerprintOf(key: string): string {
  const { stdout } = spawnSync("ssh-keygen", ["-l", "-f", "-"], { encoding: "utf8", input: `${key}\n` });
  return /SHA256:\S+/.exec(stdout ?? "")?.[0] ?? "";
}
