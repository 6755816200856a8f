import { CHANGES, collecting, type TerraformEvent } from "../../clients/terraform/terraform";
import { requireTools } from "../../operations/tools";
import { synthesize } from "../../operations/workspace";
import type { Arguments, Command } from "../command";
import { printPlan } from "../output/print-plan";

export const command: Command = {
  group: "run",
  summary: "show what a deploy would change; changes nothing",
  options: {
    full: { description: "print Terraform's whole text" },
    "detailed-exitcode": { description: "exit code 2 when anything would change" },
  },
  following: true,
  run,
};

async function run({ flags, ...args }: Arguments): Promise<number> {
  const workspace = synthesize(args);
  const { terraform } = requireTools(workspace);
  terraform.init();
  const code = flags.has("full") ? terraform.plan([]) : await summarized(workspace, terraform);
  return code === CHANGES && !flags.has("detailed-exitcode") ? 0 : code;
}

async function summarized({ stack, environment }: ReturnType<typeof synthesize>, terraform: ReturnType<typeof requireTools>["terraform"]): Promise<number> {
  const changes = new Map<string, string>();
  const errors: string[] = [];
  let outputs = false;
  const listen = (event: TerraformEvent) => {
    if (event.type === "outputs") outputs = true;
    if (event.diagnostic?.severity === "error") errors.push([event.diagnostic.summary, event.diagnostic.detail].filter(Boolean).join(": "));
  };
  const code = await terraform.planned(collecting(changes, listen));
  if (code !== 0 && code !== CHANGES) {
    process.stderr.write(`no plan could be made:\n${errors.map((error) => `  - ${error.trim().replaceAll("\n", "\n    ")}\n`).join("")}`);
    return code;
  }
  // a plan that changes something and names no resource is of a kind that is not known here: Terraform's own text says it
  if (code === CHANGES && changes.size === 0 && !outputs) return terraform.plan([]);
  process.stdout.write(`${printPlan(stack, environment.name, changes)}\n`);
  return code;
}
