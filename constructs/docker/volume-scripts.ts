/** Where a file lies that keeps Docker from copying an image's directory, and its owner, over an empty volume. */
export const VOLUME_MARKER = ".secure-bookstack";

/** What the scripts need to know of a volume. */
interface OwnedVolume {
  /** `uid:gid` that may write. */
  readonly owner: string;
  /** Where the script sees it. */
  readonly jobDirectory: string;
  /** Name → mode of the files that exist before the service starts. */
  readonly files: Readonly<Record<string, string>>;
  /** Directory of the Docker host that holds the files; nothing where Docker keeps them. */
  readonly directory: string | undefined;
}

/** A script that is safe to repeat: what has its owner already is left alone. */
export function renderOwners(all: readonly OwnedVolume[]): string {
  const volumes = all.filter(({ directory }) => directory === undefined);
  const lines = volumes.flatMap(({ jobDirectory, owner, files }) => [
    `own ${jobDirectory} ${owner}`,
    ...Object.entries(files).map(([file, mode]) => `provide ${jobDirectory} ${file} ${owner} ${mode}`),
  ]);
  const provides = volumes.some(({ files }) => Object.keys(files).length > 0);
  return `#!/bin/sh
# Gives each new volume to the user of its service. Volumes that have their owner are left alone.
set -eu
own() {
  [ "$(stat -c %u:%g "$1")" = "$2" ] && return
  : > "$1/${VOLUME_MARKER}"
  chmod 0755 "$1"
  chown "$2" "$1"
  echo "$1 belongs to $2"
}
${provides ? PROVIDE : ""}${lines.sort().join("\n")}
`;
}

/** Root without its capabilities may do nothing in what it gave away: it takes the directory back for as long as it needs. */
const PROVIDE = `provide() {
  [ "$(stat -c %u:%g:%a "$1/$2" 2>/dev/null)" = "$3:$4" ] && return
  chown 0:0 "$1"
  [ -e "$1/$2" ] || : > "$1/$2"
  chown 0:0 "$1/$2"
  chmod "$4" "$1/$2"
  chown "$3" "$1/$2" "$1"
  echo "$1/$2 belongs to $3, mode $4"
}
`;

/** A script that reports everything that is wrong, and changes nothing but the marker. */
export function renderInspection(volumes: readonly OwnedVolume[]): string {
  const lines = volumes.flatMap(({ jobDirectory, owner, directory }) => (directory === undefined ? [] : [`inspect ${jobDirectory} ${owner} ${directory}`]));
  return `#!/bin/sh
# Checks owner and mode of directories of the Docker host, and that files can be written there.
set -eu
failed=
inspect() {
  found="$(stat -c '%u:%g %a' "$1")"
  case "$found" in
    "$2 7"[0145][0145] | "$2 "[0-7]7[0145][0145])
      ( : > "$1/${VOLUME_MARKER}" ) 2> /dev/null && return
      failed=1
      echo "$3 on the Docker host cannot be written by $2; mount it read-write, for this numeric user"
      ;;
    *)
      failed=1
      echo "$3 on the Docker host must belong to $2 with mode 0750, got \${found% *} with mode \${found#* }; run there: chown $2 $3 && chmod 0750 $3"
      ;;
  esac
}
${lines.sort().join("\n")}
[ -z "$failed" ]
`;
}
