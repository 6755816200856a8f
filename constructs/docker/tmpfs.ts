/** A writable directory in memory; what is in it is gone with the container. */
export interface Tmpfs {
  /** MiB that it may hold; they count against the memory limit of the container. */
  readonly sizeMiB: number;
  /** Octal permissions of the directory. @default "1777": every user may write, as in /tmp */
  readonly mode?: string;
  /** Numeric id of the user and group that own it. @default - root */
  readonly owner?: number;
}

/** Mount options of `tmpfs`: no program in it can be run, and no device or setuid bit counts. */
export function tmpfsOptions({ sizeMiB, mode = "1777", owner }: Tmpfs): string {
  return ["rw,noexec,nosuid,nodev", `size=${sizeMiB}m`, ...(owner === undefined ? [] : [`uid=${owner}`, `gid=${owner}`]), `mode=${mode}`].join();
}

/** Directories in memory as the provider takes them. */
export function renderTmpfs(directories: Readonly<Record<string, Tmpfs>>): Record<string, string> {
  return Object.fromEntries(Object.entries(directories).map(([directory, tmpfs]) => [directory, tmpfsOptions(tmpfs)]));
}
