import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exemptionsOf, RULES } from "../../constructs/policy";
import { environmentJsonSchema } from "../../lib/environment/json-schema";
import { loadEnvironment } from "../../lib/environment/load";
import { USELESS } from "../../lib/environment/problems/useless-keys";
import { KINDS } from "../../lib/operations/rotate/kinds";
import { ROOT } from "../../lib/operations/workspace";
import { buildApplication } from "../../lib/stack/application";
import { besideTable, reports, targetsTable } from "./benchmarks";
import { compatibilityTable, DIMENSIONS, type Dimension } from "./compatibility";
import { configurationReference, wrapped } from "./configuration";
import { alertChapters, metricsTable } from "./monitoring";

/** A generated part of a page, between `<!-- name:begin -->` and `<!-- name:end -->`. */
export interface GeneratedPart {
  /** Path of the page, from the top of the repository. */
  readonly page: string;
  readonly name: string;
  text(): string;
}

/** Every generated part of the documents. */
export const GENERATED: readonly GeneratedPart[] = [
  { page: "docs/configuration.md", name: "configuration", text: () => configurationReference(environmentJsonSchema()) },
  { page: "docs/policy.md", name: "policy", text: policyList },
  { page: "docs/policy.md", name: "exemptions", text: exemptionsList },
  { page: "docs/metrics.md", name: "metrics", text: metricsTable },
  { page: "docs/alerts.md", name: "alerts", text: alertChapters },
  { page: "docs/refusals.md", name: "useless", text: uselessList },
  { page: "README.md", name: "benchmarks", text: () => targetsTable(reports(), "docs/benchmarks") },
  { page: "docs/comparison.md", name: "benchmarks", text: () => besideTable(reports(), "benchmarks") },
  { page: "docs/secrets.md", name: "rotation", text: rotationList },
  ...(Object.keys(DIMENSIONS) as Dimension[]).map((name) => ({ page: "docs/compatibility.md", name, text: () => compatibilityTable(name) })),
];

/** Writes generated parts into their pages; the paths of the pages. */
export function writeParts(parts: readonly GeneratedPart[]): string[] {
  return parts.map(({ page, name, text }) => {
    const file = join(ROOT, page);
    writeFileSync(file, withPart(readFileSync(file, "utf8"), name, text()));
    return page;
  });
}

/** `page` with `text` between the markers of `name`. */
export function withPart(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->\n`, `<!-- ${name}:end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`a page lacks ${begin.trim()} and ${end}`);
  return `${page.slice(0, from + begin.length)}${text}\n${page.slice(to)}`;
}

function policyList(): string {
  return RULES.flatMap(({ name, kinds, summary }) => wrapped(`- \`${name}\` (${kinds.map((kind) => `${kind}s`).join(", ")}): ${summary}`, "  ")).join("\n");
}

/** What a plan of the environment `local` has; others have these and what their settings add. */
function exemptionsList(): string {
  const { stacks } = buildApplication([loadEnvironment("local")]);
  const all = stacks.flatMap((stack) => exemptionsOf(stack));
  return all.flatMap(({ path, rule, reason }) => wrapped(`- \`${path.replace("local/", "")}\`, from \`${rule}\`: ${reason}`, "  ")).join("\n");
}

function uselessList(): string {
  return USELESS.flatMap(({ keys, because }) => wrapped(`- ${keys.map((key) => `\`${key}\``).join(", ")}: ${because}`, "  ")).join("\n");
}

/** What `rotate` does with each kind of secret. */
function rotationList(): string {
  return KINDS.flatMap(({ title, names, how, notice, method }) => {
    const result = method === undefined ? `Not rotated: ${how}.` : `${how[0]?.toUpperCase()}${how.slice(1)}. Users notice: ${notice}.`;
    return wrapped(`- **${title}** (${names}): ${result}`, "  ");
  }).join("\n");
}
