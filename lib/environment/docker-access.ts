import { createHash } from "node:crypto";

/** File of the stack's own folder that has the host key of the Docker host. */
export const KNOWN_HOSTS = "known_hosts";

/** Variables of the client certificate for the Docker host, where no directory has its three files. */
export const CERTIFICATE_VARIABLES = { ca: "docker_ca", cert: "docker_cert", key: "docker_key" } as const;

/** Name that the key is kept under, whatever the machine is called or reached by. */
const ALIAS = "docker-host";

/** The one line of a file of known hosts that has `hostKey` and nothing else. */
export function knownHosts(hostKey: string): string {
  return `${ALIAS} ${hostKey}\n`;
}

/**
 * Options of ssh, one word each: a connection is shared and stays for a minute, so that a server which limits new ones is not
 * overrun, and with `hostKey` no other key is accepted than that in the file `known`.
 */
export function sshOptions(hostKey: string | undefined, known: string): string[] {
  // a connection under another key is not reused
  const socket = createHash("sha256")
    .update(hostKey ?? "")
    .digest("hex")
    .slice(0, 6);
  const shared = ["ControlMaster=auto", `ControlPath=~/.ssh/bs-${socket}-%C`, "ControlPersist=60"];
  const pinned = ["StrictHostKeyChecking=yes", `UserKnownHostsFile=${known}`, "GlobalKnownHostsFile=/dev/null", `HostKeyAlias=${ALIAS}`];
  const never = ["CheckHostIP=no", "UpdateHostKeys=no", "VerifyHostKeyDNS=no"];
  return [...shared, ...(hostKey === undefined ? [] : [...pinned, ...never]), "BatchMode=yes"].flatMap((option) => ["-o", option]);
}
