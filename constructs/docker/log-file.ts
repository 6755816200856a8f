import type { DataVolume } from "./data-volumes";

/** A log file in a volume of the service that writes it, for others to read. */
export interface LogFile {
  readonly volume: DataVolume;
  /** Name of the file within the volume. */
  readonly file: string;
  /**
   * Group that may read it.
   * @default - every client may
   */
  readonly group?: number;
}

/** Log files of one service, and how it is made to begin new ones once the old ones were set aside. */
export interface RotatedLogs {
  /** Host name of the service. */
  readonly service: string;
  /** Where its container has them. */
  readonly directory: string;
  readonly files: readonly string[];
  /**
   * Signal on which the service reopens its files.
   * @default - it opens them by name for each line
   */
  readonly signal?: "HUP" | "USR1";
}
