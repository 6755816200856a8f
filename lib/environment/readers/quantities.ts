import { z } from "zod";
import { ByteSize } from "../../../constructs/core/byte-size";
import { Duration } from "../../../constructs/core/duration";
import { Schedule } from "../../../constructs/core/schedule";
import { text } from "./text";

/** More memory than a wiki needs: a larger value is a typing error. */
const MOST_MEMORY = "256G";

/** An amount of memory or disk, from `least` to `most`. */
export function size(what: string, usual: string, least: string, most = MOST_MEMORY) {
  return sizeText(`${what}; ${usual} unless given (${least} to ${most})`, usual, least, most).prefault(usual);
}

/** An amount that follows from others unless it is given. */
export function derivedSize(what: string, example: string, least: string, most = MOST_MEMORY) {
  return sizeText(`${what} (${least} to ${most})`, example, least, most).optional();
}

function sizeText(description: string, example: string, least: string, most: string) {
  return text({
    description,
    example,
    pattern: /^[0-9]+[KMGTkmgt]([iI]?[bB])?$/,
    read: (written) => {
      const read = ByteSize.parse(written);
      if (read.bytes < ByteSize.parse(least).bytes) throw new RangeError(`"${written}" is too little; give ${least} or more`);
      if (read.bytes > ByteSize.parse(most).bytes) throw new RangeError(`"${written}" is too much; give ${most} or less`);
      return read;
    },
  });
}

/** A length of time, from `least` to `most`. */
export function duration(what: string, usual: string, least: string, most: string) {
  return durationText(`${what}; ${usual} unless given (${least} to ${most})`, usual, least, most).prefault(usual);
}

/** The same, for what has no default. */
export function durationText(description: string, example: string, least: string, most: string) {
  return text({
    description,
    example,
    pattern: /^([0-9]+(\.[0-9]{1,3})?s|[0-9]+(h|m|ms))+$/,
    read: (written) => {
      const read = Duration.parse(written);
      if (read.milliseconds < Duration.parse(least).milliseconds) throw new RangeError(`"${written}" is too short; give ${least} or more`);
      if (read.milliseconds > Duration.parse(most).milliseconds) throw new RangeError(`"${written}" is too long; give ${most} or less`);
      return read;
    },
  });
}

/** A time of day, in the time zone of the environment. */
export function daily(what: string, usual: string) {
  return text({ description: `${what}; ${usual} unless given`, example: usual, pattern: /^([01][0-9]|2[0-3]):[0-5][0-9]$/, read: Schedule.daily }).prefault(
    usual,
  );
}

/** A day of the week with a time. */
export function weekly(what: string, usual: string) {
  const pattern = /^(Sun|Mon|Tues|Wednes|Thurs|Fri|Satur)day ([01][0-9]|2[0-3]):[0-5][0-9]$/;
  return text({ description: `${what}; ${usual} unless given`, example: usual, pattern, read: Schedule.weekly }).prefault(usual);
}

/** How many of something, `least` to 1000. */
export function count(what: string, usual: number, least: number) {
  return z
    .int()
    .min(least)
    .max(1000)
    .default(usual)
    .meta({ description: `${what}, ${least} to 1000; ${usual} unless given` });
}

export function cpus(usual: number) {
  const description = `Processors that it may use, 0.1 to 64; ${usual} unless given`;
  return z.number().min(0.1).max(64).default(usual).meta({ description });
}
