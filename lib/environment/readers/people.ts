import { isHostName } from "../../../constructs/core/hostnames";
import { quoted } from "../problems/finding";
import { checked, text } from "./text";

/** The part before the @; dots are between other characters, or mail servers refuse it. */
const LOCAL_PART = /^[\w+'-]+(\.[\w+'-]+)*$/;

export function email(description: string) {
  return checked({
    description,
    example: "admin@example.com",
    pattern: /^[A-Za-z0-9_.+'-]+@[a-z0-9.-]+$/,
    problem: (written) => {
      const [local = "", host = "", ...rest] = written.split("@");
      const whole = rest.length === 0 && LOCAL_PART.test(local) && local.length <= 64;
      const valid = whole && isHostName(host);
      if (!valid && whole && isHostName(host.toLowerCase()))
        return `"${written}" must have the part behind @ in lower case, such as ${local}@${host.toLowerCase()}`;
      if (!valid) return `"${written}" is no e-mail address; write it like admin@example.com`;
      return written.toLowerCase() === "admin@admin.com" ? `"${written}" is the stock account of BookStack; give another address` : undefined;
    },
  });
}

/** Characters without a width, marks of direction, surrogates, and unassigned ones; joiners are part of some scripts. */
const HIDDEN = /[\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\p{Cs}\p{Cn}]|^[\u200C\u200D]+$/u;

/** A name on one line. */
export function displayName(description: string, example: string) {
  return text({
    description,
    example,
    pattern: /\S/,
    longest: 100,
    read: (written) => {
      const name = written.trim();
      if (name === "" || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(name)) throw new RangeError(`${quoted(written)} is no name; give 1 to 100 characters on one line`);
      if (HIDDEN.test(name)) throw new RangeError(`${quoted(written)} has characters that cannot be seen or change the direction of text; type the name again`);
      return name;
    },
  });
}

export function personName(description: string, usual: string) {
  return displayName(`${description}; ${usual} unless given`, usual).prefault(usual);
}

/** A name that people type in, or by which programs know a group: `jean.dupont`, `book-keepers`. */
export function userName(description: string, example: string) {
  const pattern = /^[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$/;
  const rule = 'begin with a letter, and have lower-case letters, digits, "_", and single "." or "-" between them, at most 32 characters';
  return checked({
    description: `${description}; ${rule.replace("begin", "begins").replace("have", "has")}`,
    example,
    pattern,
    longest: 32,
    problem: (written) => {
      if (pattern.test(written)) return undefined;
      const meant = written.toLowerCase();
      return `${quoted(written)} must ${rule}${pattern.test(meant) ? `; write ${meant}` : ""}`;
    },
  });
}

export function language(description: string) {
  const pattern = /^[a-z]{2,3}(_[A-Z]{2}|_informal)?$/;
  return checked({
    description,
    example: "fr",
    pattern,
    problem: (written) => (pattern.test(written) ? undefined : `"${written}" is no language; write it like en, fr or pt_BR`),
  });
}
