import { assetText } from "../core/asset";
import { type OperatorTexts, withOperatorTexts } from "../core/operator-texts";
import type { HostStep } from "./host-step";

/** What belongs together on a host, is applied as a whole, and is checked under one name. */
export interface HostPart {
  /** Lower-case letters, digits and `-`: its name in the plan, in checks, and in metrics. */
  readonly name: string;
  /** One sentence: what it does for the host. */
  readonly summary: string;
  /** In the order in which they are applied. */
  steps(): readonly HostStep[];
}

/** Start of an asset that follows another one in the same script. */
const HEADER = /^#!\/bin\/sh\n(#.*\n)+set -eu\n\n/;

/** The script of a part, for `apply`, `check` and `confirm`: it holds every file, and needs nothing but the host. */
export function renderPart(part: HostPart, environment: string, texts?: OperatorTexts): string {
  const [interpreter, ...library] = renderLibrary(texts).split("\n");
  const steps = part.steps().map((step) => step.render());
  return [interpreter, `# ${part.name}: ${part.summary}`, ...library, `begin ${part.name} ${environment}`, ...steps, "finish", ""].join("\n");
}

/** What the scripts of all parts have in common. */
export function renderLibrary(texts?: OperatorTexts): string {
  const steps = assetText("host/assets/steps.sh").replace(HEADER, "");
  return `${withOperatorTexts(assetText("host/assets/lib.sh"), texts)}\n${steps}`;
}

/** Whether a new connection has to confirm what the part changes. */
export function isConfirmed(part: HostPart): boolean {
  return part.steps().some(({ confirmed }) => confirmed);
}
