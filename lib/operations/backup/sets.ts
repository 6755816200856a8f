import { linesOf } from "../../system/lines";

/** A set of a backup, as `npm run backups -- --json` prints it. */
export interface BackupSet {
  readonly name: string;
  /** `local`, or the name of a remote. */
  readonly place: string;
  /** Moment at which it was begun, in ISO form. */
  readonly made: string;
  readonly bytes: number;
  /** When it was last restored for a test; of a remote, when that was last checked. */
  readonly verified: string | undefined;
  /** Whether that went well. */
  readonly good: boolean | undefined;
}

/** Every set, and remotes that did not answer. */
export interface Sets {
  readonly sets: readonly BackupSet[];
  readonly absent: readonly { readonly remote: string; readonly reason: string }[];
}

interface Snapshot {
  readonly tags?: readonly string[];
  readonly summary?: { readonly total_bytes_processed?: number };
}

/** Name of a set: the moment at which it was begun. */
export const SET_NAME = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** Reads what the script in the container prints, a line each. */
export function readSets(text: string): Sets {
  const lines = linesOf(text).map((line) => line.split("\t"));
  const of = (kind: string) => lines.filter(([first]) => first === kind).map(([, ...fields]) => fields);
  return {
    sets: [
      ...of("set").map(([name = "", bytes, time = "-", good = "-"]) => ({ ...named(name, "local"), bytes: Number(bytes), ...verification(time, good) })),
      ...of("remote").flatMap(([remote = "", time = "-", good = "-", json = "[]"]) =>
        (JSON.parse(json) as Snapshot[]).map(({ tags: [name = ""] = [], summary }) => ({
          ...named(name, remote),
          bytes: summary?.total_bytes_processed ?? 0,
          ...verification(time, good),
        })),
      ),
    ],
    absent: of("absent").map(([remote = "", reason = ""]) => ({ remote, reason })),
  };
}

function named(name: string, place: string) {
  return { name, place, made: name.replace(SET_NAME, "$1-$2-$3T$4:$5:$6Z") };
}

function verification(time: string, good: string) {
  return {
    verified: time === "-" ? undefined : new Date(Number(time) * 1000).toISOString().replace(".000", ""),
    good: good === "-" ? undefined : good === "1",
  };
}
