import { posix } from "node:path";
import { checked } from "./text";

/** Paths that no container may read: settings, keys, devices, the kernel, data of other services. */
const PRIVATE = ["/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/proc", "/root", "/run", "/sbin", "/sys", "/usr"];
/** The same below /var, besides logs. */
const PRIVATE_VAR = ["/var/backups", "/var/cache", "/var/lib", "/var/mail", "/var/run", "/var/spool", "/var/tmp"];

/** A log of the Docker host, of which a container gets the whole directory to read; none unless given. */
export function hostLog(description: string, example: string) {
  const pattern = /^(\/[A-Za-z0-9_.-]+){2,}$/;
  return checked({
    description,
    example,
    pattern,
    problem: (written) => {
      if (!pattern.test(written) || isWinding(written)) return `"${written}" is no absolute path of a file; write it like ${example}`;
      const directory = posix.dirname(written);
      if ([...PRIVATE, ...PRIVATE_VAR].every((path) => !isWithin(directory, path) && !isWithin(path, directory))) return undefined;
      return `"${written}" would show a container all of ${directory}; name a log in a directory of logs, such as ${example}`;
    },
  }).optional();
}

/** A directory of the Docker host, such as a mounted file system, that containers write to. */
export function dataDirectory(description: string, example: string) {
  const pattern = /^(\/[A-Za-z0-9_.-]+)+$/;
  return checked({
    description,
    example,
    pattern,
    longest: 200,
    problem: (written) => {
      if (!pattern.test(written) || isWinding(written)) return `"${written}" is no absolute path of a directory; write it like ${example}`;
      const isSystem = written === "/var" || [...PRIVATE, ...PRIVATE_VAR, "/tmp", "/var/log"].some((path) => isWithin(written, path));
      return isSystem ? `"${written}" is not for data, but a directory of the system; mount a file system at a path such as ${example}` : undefined;
    },
  });
}

/** What is wrong with `written` as a directory where the Docker host mounts a disk for backups. */
export function diskProblem(written: string, example: string): string | undefined {
  if (!/^(\/[A-Za-z0-9_.-]+)+$/.test(written) || isWinding(written)) return `"${written}" is no absolute path of a directory; write it like ${example}`;
  const isSystem = [...PRIVATE, ...PRIVATE_VAR].some((path) => path !== "/var/backups" && (isWithin(written, path) || isWithin(path, written)));
  return isSystem ? `"${written}" is a directory of the system; mount the disk at a directory of its own, such as ${example}` : undefined;
}

/** The directory where Docker keeps its files. */
export function dockerRoot(description: string, usual: string) {
  const pattern = /^(\/[A-Za-z0-9_.-]+)+$/;
  return checked({
    description: `${description}; ${usual} unless given`,
    example: usual,
    pattern,
    problem: (written) => {
      if (!pattern.test(written) || isWinding(written)) return `"${written}" is no absolute path of a directory; write it like ${usual}`;
      const isSystem =
        PRIVATE.some((path) => (isWithin(written, path) && path !== "/home") || written === path) || written === "/var" || written === "/var/lib";
      return isSystem ? `"${written}" is a directory of the system; write what docker info calls Docker Root Dir, such as ${usual}` : undefined;
    },
  }).prefault(usual);
}

function isWinding(path: string): boolean {
  return path.split("/").some((part) => part === ".." || part === ".");
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
