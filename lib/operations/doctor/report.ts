import { redact } from "../../../constructs/core/secret-kinds";
import type { Diagnosis } from "./diagnose";
import type { Facts } from "./facts";

const EMAIL = /[\w.+-]+@[\w-]+(\.[\w-]+)+/g;

/**
 * The facts and what was found in them, as JSON for a bug report.
 *
 * Contains no secret; the domain and e-mail addresses are replaced. Of the environment file it has only the names of the blocks.
 */
export function bugReport({ environment, ...facts }: Facts, diagnosis: Diagnosis, version: string): string {
  const blocks = Object.entries(environment).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  const text = redact(JSON.stringify({ version, blocks, diagnosis, facts }, null, 2));
  return `${text.replaceAll(environment.domain, "wiki.invalid").replace(EMAIL, "…@…")}\n`;
}
