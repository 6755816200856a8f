import { join } from "node:path";
import { discover } from "../core/discover";
import type { PolicyRule } from "./rule";

/** Every rule, by the name of its file: a new rule is a new file below `rules/` that exports it as `rule`. */
export const RULES = discover<PolicyRule>(join(__dirname, "rules"), "rule");
