import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isModule } from "../core/asset";
import type { PolicyRule } from "./rule";

const DIRECTORY = join(__dirname, "rules");

/** Every rule, by the name of its file: a new rule is a new file below `rules/` that exports it as `rule`. */
export const RULES: readonly PolicyRule[] = readdirSync(DIRECTORY)
  .filter(isModule)
  .sort()
  .map((file) => (require(join(DIRECTORY, file)) as { rule: PolicyRule }).rule);
