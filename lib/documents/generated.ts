import { RULES } from "../../constructs/policy";
import { environmentJsonSchema } from "../environment/json-schema";
import { configurationReference } from "./configuration";
import { markdownTable } from "./markdown";
import { alertChapters, metricsTable } from "./monitoring";

/** A part of a page that is generated; it stands between `<!-- name:begin -->` and `<!-- name:end -->`. */
export interface GeneratedPart {
  /** Path of the page, from the top of the repository. */
  readonly page: string;
  readonly name: string;
  text(): string;
}

/** Every generated part of the documents. */
export const GENERATED: readonly GeneratedPart[] = [
  { page: "docs/configuration.md", name: "configuration", text: () => configurationReference(environmentJsonSchema()) },
  { page: "docs/policy.md", name: "policy", text: policyTable },
  { page: "docs/metrics.md", name: "metrics", text: metricsTable },
  { page: "docs/alerts.md", name: "alerts", text: alertChapters },
];

/** `page` with `text` between the markers of `name`. */
export function withPart(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->\n`, `<!-- ${name}:end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`a page lacks ${begin.trim()} and ${end}`);
  return `${page.slice(0, from + begin.length)}${text}\n${page.slice(to)}`;
}

function policyTable(): string {
  const rows = RULES.map(({ name, kinds, summary }) => [`\`${name}\``, kinds.map((kind) => `${kind}s`).join(", "), summary]);
  return markdownTable(["Rule", "Holds for", "What holds, and what for"], rows);
}
