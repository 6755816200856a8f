import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../../lib/cli/command";
import { loadEnvironment } from "../../lib/environment/load";
import { summarize } from "../../lib/operations/summary";
import { ROOT } from "../../lib/operations/workspace";
import { buildApplication } from "../../lib/stack/application";
import { renderPicture } from "../picture/svg";

/** Where the picture of the documents lies. */
export const PICTURE = "docs/architecture.svg";

export const command: Command = {
  group: "develop",
  summary: "draw docs/architecture.svg from the plan of the environment local",
  environment: "none",
  run,
};

function run(): number {
  writeFileSync(join(ROOT, PICTURE), pictureOf("local"));
  process.stdout.write(`${PICTURE} is up to date.\n`);
  return 0;
}

/** The picture of an environment, as SVG. */
export function pictureOf(name: string): string {
  const environment = loadEnvironment(name);
  const [stack] = buildApplication([environment]).stacks;
  if (!stack) throw new Error(`no stack was built for ${name}`);
  return renderPicture(summarize(stack, environment));
}
