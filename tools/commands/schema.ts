import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../../lib/cli/command";
import { schemaText } from "../../lib/environment/json-schema";
import { ENVIRONMENTS } from "../../lib/environment/load";
import { ROOT } from "../../lib/operations/workspace";

export const command: Command = {
  group: "develop",
  summary: "write environments/schema.json, which editors use for environment files",
  environment: "none",
  run,
};

function run(): number {
  writeFileSync(join(ROOT, ENVIRONMENTS, "schema.json"), schemaText());
  process.stdout.write(`${ENVIRONMENTS}/schema.json is up to date.\n`);
  return 0;
}
