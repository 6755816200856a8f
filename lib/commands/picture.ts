import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildApplication } from "../application";
import type { Command } from "../cli/command";
import { loadEnvironment } from "../environment/load";
import { ROOT } from "../operations/workspace";
import { renderPicture } from "../picture/svg";
import { summarize } from "../report/summary";

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
