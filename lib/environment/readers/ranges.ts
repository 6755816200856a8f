import { isIP } from "node:net";
import { z } from "zod";
import { checked } from "./text";

/** Ranges of addresses, IPv4 and IPv6. */
export function cidrs(description: string) {
  return z
    .array(
      checked({
        description: "A range of addresses",
        example: "192.0.2.0/24",
        pattern: /^[0-9A-Fa-f:.]+\/[0-9]{1,3}$/,
        problem: cidrProblem,
      }),
    )
    .superRefine((ranges, context) => {
      const covered = ranges.reduce((sum, range) => sum + shareOf(range), 0);
      const message = "together the ranges are a large part of the internet; give only the ranges that you need";
      if (covered > LARGEST_SHARE) context.addIssue({ code: "custom", path: [], message });
    })
    .meta({ description, examples: ["[192.0.2.0/24]"] });
}

/** Shortest plausible prefix of a range, by family. */
const LEAST_PREFIX: Readonly<Record<number, number>> = { 4: 8, 6: 16 };
/** Largest plausible share of all addresses of a family: one sixteenth. */
const LARGEST_SHARE = 1 / 16;

function cidrProblem(written: string): string | undefined {
  const [host = "", bits = "", ...rest] = written.split("/");
  const family = isIP(host);
  const valid = family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
  if (family !== 0 && bits === "") return `"${written}" is one address; write it as a range, ${written}/${family === 4 ? 32 : 128}`;
  if (!valid) return `"${written}" is no range of addresses; write it like 192.0.2.0/24 or 2001:db8::/32`;
  if (Number(bits) === 0) return `"${written}" is every address; list only those that you mean`;
  // programs read it as IPv4: /96 is every address
  if (/^[0:]*:ffff:/i.test(host)) return `"${written}" is IPv4 in the form of IPv6; write it like 192.0.2.0/24`;
  // two halves of the internet are every address, too
  return Number(bits) < (LEAST_PREFIX[family] ?? 0) ? `"${written}" is a large part of the internet; list only the addresses that you mean` : undefined;
}

/** Share of all addresses of its family. */
function shareOf(range: string): number {
  return range === undefined ? 0 : 2 ** -Number(range.split("/")[1]);
}
