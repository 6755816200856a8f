import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../../lib/cli/command";
import { overview } from "../../lib/cli/help";
import { ROOT } from "../../lib/operations/workspace";
import { GENERATED, writeParts } from "../documents/generated";

export const command: Command = {
  group: "develop",
  summary: "write help, and the generated parts of the pages in docs/",
  environment: "none",
  run,
};

function run(): number {
  for (const page of writeParts(GENERATED)) process.stdout.write(`${page} is up to date.\n`);
  writeFileSync(join(ROOT, "help"), overview());
  process.stdout.write("help is up to date.\n");
  return 0;
}
