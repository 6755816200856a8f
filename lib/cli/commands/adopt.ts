import { type Adoption, adopt, requireEmptyState } from "../../operations/adopt/adopt";
import { interruptions } from "../../operations/interrupted";
import { refuseInterruptedMove } from "../../operations/move/record";
import { requireTools } from "../../operations/tools";
import { synthesize } from "../../operations/workspace";
import type { Arguments, Command } from "../command";
import { heading } from "../output/layout";
import { printPlan } from "../output/print-plan";

export const command: Command = {
  group: "run",
  oneHost: true,
  summary: "write a lost state again, from what runs on the Docker host",
  details: "Nothing on the Docker host is changed. It refuses when the state has any resource.",
  options: { "dry-run": { description: "show what would be adopted, and write no state" } },
  changes: "interrupted",
  run,
};

function run(args: Arguments): number {
  // the state may be that of the other Docker host; an upgrade or a restore needs the state to be finished
  refuseInterruptedMove(args.environment);
  const workspace = synthesize(args);
  const { terraform, docker } = requireTools(workspace);
  // the state is for this user alone
  process.umask(0o077);
  terraform.init();
  const state = terraform.state();
  requireEmptyState(workspace, state);
  process.stdout.write(`Comparing what runs with ${args.environment} …\n`);
  const adoption = adopt(workspace, { terraform, docker });
  const written = !args.flags.has("dry-run");
  if (written) terraform.pushState({ ...adoption.state, lineage: state.lineage ?? adoption.state.lineage, serial: (state.serial ?? 0) + 1 });
  process.stdout.write(print(adoption, written));
  process.stdout.write(`\n${printPlan(workspace.stack, args.environment, adoption.changes)}\n`);
  for (const interruption of interruptions(args.environment)) process.stdout.write(`\n${interruption}\n`);
  return 0;
}

const NAMES: readonly (readonly [type: string, one: string, many: string])[] = [
  ["docker_container", "container", "containers"],
  ["docker_volume", "volume", "volumes"],
  ["docker_network", "network", "networks"],
  ["docker_image", "image", "images"],
  ["null_resource", "host part or secret", "host parts and secrets"],
];

function print({ counts, left, differing }: Adoption, written: boolean): string {
  const counted = NAMES.flatMap(([type, one, many]) => {
    const count = counts.get(type) ?? 0;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  });
  return [
    `${written ? "Adopted" : "Would adopt"}: ${counted.join(", ")}. No container was changed.`,
    ...section("Not adopted; the next deploy creates it, or removes it", left),
    ...section("Adopted, but not what the environment describes; the next deploy replaces it", differing),
    "",
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [heading(title), ...lines.map((line) => `  ${line}`)];
}
