import { p95, type Seen } from "./reader";
import { type Judged, machine, type Part, short } from "./report";
import { measured, percentile } from "./statistics";

/** One command, run once. */
export interface Work {
  readonly what: string;
  readonly seconds: number;
  /** Most bytes that the container of the backup or of the restore needed meanwhile, without file cache. */
  readonly memory: number;
  /** Most bytes of the scratch volume. */
  readonly scratch: number;
  /** Seconds for which the wiki did not answer, as the command prints them. */
  readonly down: number;
}

/** One backup with a copy to a remote. */
export interface Night {
  readonly night: number;
  readonly seconds: number;
  /** Bytes of the set on this host. */
  readonly set: number;
  /** Bytes of the repository after it. */
  readonly remote: number;
}

interface Measurements {
  readonly works: readonly Work[];
  readonly seen: readonly Seen[];
  readonly nights: readonly Night[];
}

interface About {
  readonly engine: string;
  readonly images: Readonly<Record<string, string>>;
  readonly megabytes: number;
  readonly rows: number;
  /** Megabytes that change before each night but the first. */
  readonly changed: number;
}

/** What is measured beside a backup and a restore. */
export const BY_HAND = "tar | zstd | gpg";
export const UNPACKED = "gpg | zstd | tar";
const MB = 1e6;
const MIB = 2 ** 20;

function secondsOf(works: readonly Work[], what: string) {
  return measured(works.filter((one) => one.what === what).map(({ seconds }) => seconds));
}

/** Ratios of medians of the same run, and what readers see. */
export function backupTargets({ works, seen }: Pick<Measurements, "works" | "seen">): Judged[] {
  const ratio = (what: string, of: string, to: string): Judged => {
    const [ours, theirs] = [secondsOf(works, of)?.median, secondsOf(works, to)?.median];
    const target = { what, unit: "×", atMost: 1.5 };
    return ours === undefined || theirs === undefined ? { target } : { target, figure: ours / theirs };
  };
  const target = { what: "Requests of a reader that fail while a backup runs", unit: "requests", atMost: 0 };
  const during = seen.filter(({ what }) => what === "backup");
  return [
    ratio("Backup, of the time of tar, zstd and gpg of the same files and of a dump that exists", "backup", BY_HAND),
    ratio("Restore, of the time of gpg, zstd and tar alone", "restore", UNPACKED),
    during.length === 0 ? { target } : { target, figure: during.reduce((sum, { errors }) => sum + errors, 0) },
  ];
}

export function backupPart(measurements: Measurements, { megabytes, rows, changed, ...about }: About): Part {
  const { works, seen, nights } = measurements;
  const kinds = [...new Set(works.map(({ what }) => what))];
  const figures = kinds.flatMap((what) => {
    const all = secondsOf(works, what);
    return all ? [{ what, all, mine: works.filter((one) => one.what === what) }] : [];
  });
  const most = (values: readonly number[]) => Math.max(...values);
  const readers = [...new Set(seen.map(({ what }) => what))].map((what) => {
    const mine = seen.filter((one) => one.what === what);
    const times = mine.flatMap((one) => one.times);
    const errors = mine.reduce((sum, one) => sum + one.errors, 0);
    const disturbed = most(mine.map((one) => one.disturbed));
    const redirected = mine.reduce((sum, one) => sum + one.redirected, 0);
    return [what, `${times.length}`, short(percentile(times, 0.5)), short(percentile(times, 0.95)), `${errors}`, short(disturbed), `${redirected}`];
  });
  return {
    name: "backup",
    title: "Backup and restore",
    about: `A wiki with ${megabytes} MB of uploads that cannot be compressed, in files of 1 MB, and ${rows} rows. Beside the backup, the same container packs the same volumes and a dump that exists already with tar, zstd and gpg, with the same settings of gpg, in turn within one run.`,
    command: `npm run bench:backup -- --mb=${megabytes} --rows=${rows}${nights.length === 0 ? "" : ` --nights=${nights.length} --changed=${changed}`}`,
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    ...about,
    judged: backupTargets(measurements),
    beside: [
      { what: `backup of ${megabytes} MB`, unit: "s", ours: secondsOf(works, "backup")?.median, other: BY_HAND, theirs: secondsOf(works, BY_HAND)?.median },
      { what: `restore of ${megabytes} MB`, unit: "s", ours: secondsOf(works, "restore")?.median, other: UNPACKED, theirs: secondsOf(works, UNPACKED)?.median },
    ],
    tables: [
      {
        title: "Commands",
        head: ["command", "median s", "spread s", "runs", "peak memory MiB", "peak scratch MB"],
        rows: figures.map(({ what, all, mine }) => [
          what.replaceAll("|", "\\|"),
          short(all.median),
          `${short(all.low)}–${short(all.high)}`,
          `${all.rounds}`,
          short(most(mine.map(({ memory }) => memory / MIB))),
          short(most(mine.map(({ scratch }) => scratch / MB))),
        ]),
      },
      {
        title: "What a reader saw",
        head: ["while", "answers", "p50 ms", "p95 ms", "failed requests", "s from the first to the last failure", "redirects to the portal"],
        rows: readers.map(([what = "", ...cells]) => [what.replaceAll("|", "\\|"), ...cells]),
      },
      ...(nights.length === 0
        ? []
        : [
            {
              title: "One backup each night, with a copy to a remote",
              head: ["night", "s", "set MB", "repository MB"],
              rows: nights.map(({ night, seconds, set, remote }) => [`${night}`, short(seconds), short(set / MB), short(remote / MB)]),
            },
          ]),
    ],
    plots: [
      {
        name: "seconds",
        title: "Backup and restore",
        axis: "seconds",
        bars: figures.map(({ what, all: { median, low, high } }) => ({ group: what, series: "seconds", value: median, low, high })),
      },
      ...(nights.length === 0
        ? []
        : [
            {
              name: "nights",
              title: "Size of the restic repository",
              axis: "MB",
              bars: nights.map(({ night, remote }) => ({ group: `night ${night}`, series: "MB", value: remote / MB, low: remote / MB, high: remote / MB })),
            },
          ]),
    ],
    notes: [
      "A backup also dumps the database, reads each volume again if it changed meanwhile, counts the rows, and writes a manifest with checksums; the time of a dump alone is in the table.",
      `A restore also compares every file and row with the manifest, and keeps what was there until it is done; the wiki was down for ${short(works.find(({ what }) => what === "restore")?.down)} s of it. Its time is that of the whole command.`,
      "A reader opens one page four times a second, through the reverse proxy, with a session. The portal restarts in a restore: the reader is then redirected to it and would have to sign in again.",
      nights.length === 0
        ? "Not measured here: the size of a remote over ten nights (`--nights=10`)."
        : `Before each night but the first, ${changed} MB of the files and a hundredth of the rows change. The remote is rclone's S3 server on the same host, with restic's repository.`,
    ],
    data: { works, seen: seen.map((one) => ({ ...one, p95: p95(one) })), nights },
  };
}
