import { isIP } from "node:net";
import { isHostName, isLoopback } from "../../../constructs/core/hostnames";
import { quoted } from "../problems/finding";
import { isPort } from "./network";
import { checked } from "./text";

const LOOPBACK = "is the container itself, where no such server is; write the name by which other machines reach the server";

/** The address of a server that containers can find. */
export function serverAddress(description: string, example: string) {
  const pattern = /^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/;
  return checked({
    description,
    example,
    pattern,
    longest: 270,
    problem: (written) => {
      const [, host = "", port = "443"] = /^https?:\/\/([^:/]+)(?::(\d+))?$/.exec(written) ?? [];
      if (isLoopback(host)) return `${quoted(written)} ${LOOPBACK}`;
      const valid = pattern.test(written) && (isHostName(host) || isIP(host) !== 0) && isPort(port);
      return valid ? undefined : `${quoted(written)} is no address of a server; write it like ${example}`;
    },
  });
}

/** An SFTP server by its name or IPv4 address. */
export function sftpServer(description: string, example: string) {
  return checked({
    description,
    example,
    pattern: /^[a-z0-9.-]+$/,
    longest: 253,
    problem: (written) => {
      if (isLoopback(written)) return `${quoted(written)} ${LOOPBACK}`;
      return isHostName(written) || isIP(written) === 4 ? undefined : `${quoted(written)} is no name or IPv4 address of a server; write it like ${example}`;
    },
  });
}

/** A word that is part of the names of secrets, which are variables of a shell, too. */
export function remoteName(description: string, example: string) {
  const pattern = /^[a-z][a-z0-9_]{0,31}$/;
  const rule = 'a lower-case letter, then up to 31 lower-case letters, digits or "_"';
  return checked({
    description: `${description}; ${rule}`,
    example,
    pattern,
    longest: 32,
    problem: (written) => (pattern.test(written) ? undefined : `${quoted(written)} must be ${rule}, because secrets are named after it`),
  });
}
