import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "./check";

const DIRECTORY = join(__dirname, "checks");

/** Every check, by the name of its file: a new one is a new file below `checks/` that exports it as `check`. */
export const CHECKS: readonly Check[] = readdirSync(DIRECTORY)
  .filter((file) => file.endsWith(".ts"))
  .sort()
  .map((file) => (require(join(DIRECTORY, file)) as { check: Check }).check);
