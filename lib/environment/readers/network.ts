import { isIPv6 } from "node:net";
import { z } from "zod";
import { isHostName } from "../../../constructs/core/hostnames";
import { Subnet } from "../../../constructs/core/subnet";
import { canonicalIpv6, Subnet6 } from "../../../constructs/core/subnet6";
import { quoted } from "../problems/finding";
import { checked, text } from "./text";

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
