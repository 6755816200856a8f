import { imageProblem } from "../../../constructs/core/image-reference";
import { quoted } from "../problems/finding";
import { similar } from "../problems/similar";
import { checked } from "./text";

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
