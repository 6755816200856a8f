import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildApplication } from "../application";
import { loadEnvironment } from "../environment/load";
import { renderPicture } from "../picture/svg";
import { summarize } from "../report/summary";
import { ROOT } from "./workspace";

/** Where the picture of the documents lies. */
export const PICTURE = "docs/architecture.svg";

/** `npm run picture`: draws what the environment `local` runs, for the documents. */
export function run(): number {
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
