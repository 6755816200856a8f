const UNITS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
type Unit = keyof typeof UNITS;

/** A length of time in whole milliseconds. */
export class Duration {
  /**
   * Reads what Go, Terraform and Docker write: `90s`, `1m30s`, `1.5s`, `500ms`, `1h`.
   *
   * @throws RangeError when the text is no such duration.
   */
  public static parse(text: string): Duration {
    if (!/^(\d+(\.\d{1,3})?s|\d+(h|m|ms))+$/.test(text)) throw new RangeError(`"${text}" is no duration; write it like 90s, 1m30s or 12h`);
    const parts = [...text.matchAll(/([\d.]+)(ms|[hms])/g)];
    const milliseconds = parts.reduce((sum, [, count, unit]) => sum + Math.round(Number(count) * UNITS[unit as Unit]), 0);
    if (!Number.isSafeInteger(milliseconds)) throw new RangeError(`"${text}" is longer than can be counted`);
    return new Duration(milliseconds);
  }

  public static seconds(seconds: number): Duration {
    return new Duration(seconds * 1000);
  }

  private constructor(public readonly milliseconds: number) {}

  public get seconds(): number {
    return this.milliseconds / 1000;
  }

  /** The form in which Docker gives it back (`1m30s`, `500ms`, `0s`): any other form is a difference in every plan. */
  public toString(): string {
    if (this.milliseconds < 1000) return this.milliseconds === 0 ? "0s" : `${this.milliseconds}ms`;
    const hours = Math.floor(this.seconds / 3600);
    const minutes = Math.floor((this.seconds % 3600) / 60);
    const seconds = `${(this.milliseconds % 60_000) / 1000}s`;
    if (hours > 0) return `${hours}h${minutes}m${seconds}`;
    return minutes > 0 ? `${minutes}m${seconds}` : seconds;
  }
}
