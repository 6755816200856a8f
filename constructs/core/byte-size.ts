const UNITS = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const;
type Unit = keyof typeof UNITS;

/** An amount of memory or disk in whole bytes. */
export class ByteSize {
  /**
   * Reads `512M`, `1G`, `64K`, `2T`; the units are powers of 1024, as in Docker, MySQL and PHP.
   *
   * @throws RangeError when the text is no such size.
   */
  public static parse(text: string): ByteSize {
    const match = /^(\d+)([KMGT])(i?B)?$/i.exec(text);
    if (!match) throw new RangeError(`"${text}" is no size; write it like 512M or 1G`);
    const bytes = Number(match[1]) * UNITS[match[2]?.toUpperCase() as Unit];
    if (!Number.isSafeInteger(bytes)) throw new RangeError(`"${text}" is more than can be counted`);
    return new ByteSize(bytes);
  }

  public static mebibytes(mebibytes: number): ByteSize {
    return new ByteSize(mebibytes * UNITS.M);
  }

  private constructor(public readonly bytes: number) {}

  /** Whole MiB, rounded up: what the Docker provider calls MB. */
  public get mebibytes(): number {
    return Math.ceil(this.bytes / UNITS.M);
  }

  /** The largest unit that keeps it whole: `512M`, `1G`. MySQL and PHP read this form. */
  public toString(): string {
    const unit = (["T", "G", "M", "K"] as const).find((candidate) => this.bytes >= UNITS[candidate] && this.bytes % UNITS[candidate] === 0);
    return unit ? `${this.bytes / UNITS[unit]}${unit}` : `${this.bytes}`;
  }
}
