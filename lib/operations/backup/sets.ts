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
  /** Bytes of each part, compressed; none for a set that was never opened on this host. */
  readonly parts: Readonly<Record<string, number>>;
  /** The last check of the set itself. */
  readonly check: SetCheck | undefined;
}

/** What `npm run backups -- --check` found of a set. */
export interface SetCheck {
  readonly at: string;
  readonly good: boolean;
  /** Parts that cannot be restored. */
  readonly damaged: readonly string[];
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
  const details = (name: string, place: string) => ({ ...named(name, place), parts: partsOf(name, of("part")), check: checkOf(name, place, of("check")) });
  return {
    sets: [
      ...of("set").map(([name = "", bytes, time = "-", good = "-"]) => ({ ...details(name, "local"), bytes: Number(bytes), ...verification(time, good) })),
      ...of("remote").flatMap(([remote = "", time = "-", good = "-", json = "[]"]) =>
        (JSON.parse(json) as Snapshot[]).map(({ tags: [name = ""] = [], summary }) => ({
          ...details(name, remote),
          bytes: summary?.total_bytes_processed ?? 0,
          ...verification(time, good),
        })),
      ),
    ],
    absent: of("absent").map(([remote = "", reason = ""]) => ({ remote, reason })),
  };
}

function partsOf(name: string, lines: readonly string[][]): Record<string, number> {
  return Object.fromEntries(lines.filter(([set]) => set === name).map(([, part = "", bytes]) => [part, Number(bytes)]));
}

function checkOf(name: string, place: string, lines: readonly string[][]): SetCheck | undefined {
  const [, , time = "", good, parts = ""] = lines.find(([at, set]) => at === place && set === name) ?? [];
  return good === undefined ? undefined : { at: isoTime(time), good: good === "1", damaged: parts === "" ? [] : parts.split(",") };
}

function isoTime(seconds: string): string {
  return new Date(Number(seconds) * 1000).toISOString().replace(".000", "");
}

function named(name: string, place: string) {
  return { name, place, made: name.replace(SET_NAME, "$1-$2-$3T$4:$5:$6Z") };
}

function verification(time: string, good: string) {
  return {
    verified: time === "-" ? undefined : isoTime(time),
    good: good === "-" ? undefined : good === "1",
  };
}
