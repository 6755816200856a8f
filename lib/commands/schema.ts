import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { schemaText } from "../environment/json-schema";
import { ENVIRONMENTS } from "../environment/load";
import { ROOT } from "./workspace";

/** `npm run schema`: writes the JSON schema that editors use for environment files. */
export function run(): number {
  writeFileSync(join(ROOT, ENVIRONMENTS, "schema.json"), schemaText());
  process.stdout.write(`${ENVIRONMENTS}/schema.json is up to date.\n`);
  return 0;
}
