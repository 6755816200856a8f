import { isIPv6 } from "node:net";
import { z } from "zod";
import { ByteSize } from "../../../constructs/core/byte-size";
import { Duration } from "../../../constructs/core/duration";
import { isHostName } from "../../../constructs/core/hostnames";
import { imageProblem } from "../../../constructs/core/image-reference";
import { Schedule } from "../../../constructs/core/schedule";
import { Subnet } from "../../../constructs/core/subnet";
import { canonicalIpv6, Subnet6 } from "../../../constructs/core/subnet6";
import { quoted } from "../problems/finding";
import { similar } from "../problems/similar";

/** How a text of the file is parsed, and its JSON schema for editors. */
interface TextProps<T> {
  readonly description: string;
  readonly example: string;
  /** Form that every good text has: editors know no more of the rules. */
  readonly pattern: RegExp;
  /**
   * Most characters.
   * @default 500
   */
  readonly longest?: number;
  /** The value of the text; what it throws becomes the problem. */
  readonly read: (written: string) => T;
}

/** A text that is parsed into a value class. */
export function text<T>({ description, example, pattern, longest = 500, read }: TextProps<T>) {
  const patternErrorMessage = `write it like ${example}`;
  return z
    .string()
    .meta({ description, examples: [example], pattern: pattern.source, patternErrorMessage, maxLength: longest })
    .transform((written, context) => {
      try {
        if (written.length > longest) throw new RangeError(`${quoted(written)} is longer than ${longest} characters; shorten it`);
        return read(written);
      } catch (error) {
        context.addIssue({ code: "custom", message: (error as Error).message, input: written });
        return z.NEVER;
      }
    });
}

/** A text that stays one, as long as `problem` has nothing to say about it. */
export function checked({ problem, ...props }: Omit<TextProps<string>, "read"> & { readonly problem: (written: string) => string | undefined }) {
  return text({
    ...props,
    read: (written) => {
      const found = problem(written);
      if (found !== undefined) throw new RangeError(found);
      return written;
    },
  });
}

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

/** Whether digits are the number of a port. */
export function isPort(digits: string): boolean {
  return Number(digits) >= 1 && Number(digits) <= 65_535;
}

/** A port of the Docker host; those in `taken` are used in the container itself. */
export function port(what: string, usual: number, taken: readonly number[]) {
  return anyPort(what, `${usual}`, taken).default(usual);
}

/** A port that may be left out; `usual` says what is used then. */
export function anyPort(what: string, usual: string, taken: readonly number[]) {
  return z
    .int()
    .min(1)
    .max(65_535)
    .refine((given) => !taken.includes(given), {
      error: ({ input }) => `${input} is used inside the container; choose another than ${taken.join(" and ")}`,
    })
    .meta({ description: `${what}, 1 to 65535; ${usual} unless given`, not: { enum: [...taken] } });
}

export function subnet(what: string, usual: string) {
  return text({
    description: `${what}; ${usual} unless given (private, /16 to /28)`,
    example: usual,
    pattern: /^([0-9]{1,3}\.){3}[0-9]{1,3}\/(1[6-9]|2[0-8])$/,
    read: Subnet.parse,
  }).prefault(usual);
}

export function domain(description: string) {
  // the last label of an address is a number, that of a domain never is
  const pattern = /^([a-z0-9-]+\.)+[a-z0-9-]*[a-z][a-z0-9-]*$/;
  return checked({
    description,
    example: "wiki.example.com",
    pattern,
    // leaves room for the longest host name below it
    longest: 240,
    problem: (written) =>
      pattern.test(written) && isHostName(written) ? undefined : `"${written}" is no domain; write it like wiki.example.com, in lower case`,
  });
}

export function timezone(description: string) {
  return checked({ description, example: "Europe/Paris", pattern: /^[A-Z][A-Za-z0-9_+/-]*$/, problem: timezoneProblem });
}

const TIMEZONES = ["UTC", ...Intl.supportedValuesOf("timeZone")];

function timezoneProblem(written: string): string | undefined {
  if (TIMEZONES.includes(written)) return undefined;
  const meant = similar(written, TIMEZONES);
  const problem = `"${written}" is no time zone; ${meant === undefined ? "write it like Europe/Paris or UTC" : `did you mean ${meant}?`}`;
  // older names are known but not listed, and known in whatever case
  if (!/^[A-Z]/.test(written) || meant?.toLowerCase() === written.toLowerCase()) return problem;
  try {
    new Intl.DateTimeFormat("en", { timeZone: written });
    return undefined;
  } catch {
    return problem;
  }
}

export function address(description: string) {
  return checked({
    description,
    example: "127.0.0.1",
    pattern: /^([0-9]{1,3}\.){3}[0-9]{1,3}$/,
    problem: (written) => {
      const octets = written.split(".");
      const valid = octets.length === 4 && octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255);
      if (!valid) return `"${written}" is no IPv4 address; write it like 127.0.0.1, or 0.0.0.0 for all`;
      const isOfNobody = Number(octets[0]) > 223 || (octets[0] === "0" && written !== "0.0.0.0");
      return isOfNobody ? `"${written}" is an address that no machine has; write it like 127.0.0.1, or 0.0.0.0 for all` : undefined;
    },
  });
}

/** An IPv6 address, in the form in which Docker prints it. */
export function ipv6(description: string, example = "2001:db8::10") {
  return text({
    description,
    example,
    pattern: /^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*$/,
    read: (written) => {
      if (!isIPv6(written) || written.includes("%")) throw new RangeError(`"${written}" is no IPv6 address; write it like ${example}`);
      return canonicalIpv6(written);
    },
  });
}

/** A unique local IPv6 network. */
export function subnet6(description: string, example: string) {
  return text({ description, example, pattern: /^[Ff][Dd][0-9A-Fa-f:]*\/(6[4-9]|[7-9][0-9]|10[0-9]|11[0-2])$/, read: Subnet6.parse });
}

export function hostName(description: string, example: string) {
  return checked({
    description,
    example,
    pattern: /^[a-z0-9.-]+$/,
    longest: 253,
    problem: (written) => (isHostName(written) ? undefined : `${quoted(written)} is no host name; write it like ${example}, in lower case`),
  });
}

/** An image of one exact version; none unless given. */
export function image(what: string, example: string) {
  return checked({
    description: `${what}, by exact tag or digest`,
    example,
    pattern: /^[a-z0-9][A-Za-z0-9_./:-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*|@sha256:[0-9a-f]{64})$/,
    problem: imageProblem,
  }).optional();
}

/** A file of the machine that runs Terraform; none unless given. */
export function localFile(description: string, example: string) {
  const pattern = /^(~|)(\/[A-Za-z0-9_.@-]+)+$/;
  return checked({
    description,
    example,
    pattern,
    problem: (written) => (pattern.test(written) ? undefined : `${quoted(written)} is no absolute path of a file; write it like ${example}`),
  }).optional();
}

/** A text of letters, digits and signs that mean nothing to a shell or a URL. */
export function plainText(description: string, example: string, pattern: RegExp) {
  return checked({
    description,
    example,
    pattern,
    longest: 200,
    problem: (written) => (pattern.test(written) ? undefined : `${quoted(written)} is not of the form that is needed; write it like ${example}`),
  });
}
