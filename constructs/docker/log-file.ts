import type { DataVolume } from "./data-volumes";

/** A log file in a volume of the service that writes it, for others to read. */
export interface LogFile {
  readonly volume: DataVolume;
  /** Name of the file within the volume. */
  readonly file: string;
  /**
   * Group that may read it.
   * @default - everybody may
   */
  readonly group?: number;
}
