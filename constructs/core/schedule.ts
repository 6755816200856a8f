const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const TIME = "([01][0-9]|2[0-3]):([0-5][0-9])";

/** A moment that comes again: every day, or every week. */
export class Schedule {
  /**
   * Reads `02:00`.
   *
   * @throws RangeError when the text is no time of day.
   */
  public static daily(text: string): Schedule {
    const [, hour, minute] = new RegExp(`^${TIME}$`).exec(text) ?? [];
    if (hour === undefined) throw new RangeError(`"${text}" is no time of day; write it like 02:00`);
    return new Schedule(text, `${Number(minute)} ${Number(hour)} * * *`);
  }

  /**
   * Reads `Sunday 04:00`.
   *
   * @throws RangeError when the text is no day of the week with a time.
   */
  public static weekly(text: string): Schedule {
    const [, day, hour, minute] = new RegExp(`^(${DAYS.join("|")}) ${TIME}$`).exec(text) ?? [];
    if (day === undefined) throw new RangeError(`"${text}" is no time of a week; write it like Sunday 04:00`);
    return new Schedule(text, `${Number(minute)} ${Number(hour)} * * ${DAYS.indexOf(day as (typeof DAYS)[number])}`);
  }

  private constructor(
    private readonly text: string,
    /** The five fields of a line of a crontab. */
    public readonly cron: string,
  ) {}

  public toString(): string {
    return this.text;
  }
}
