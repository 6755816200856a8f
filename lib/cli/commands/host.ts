import { type HostCheck, hostChecks } from "../../operations/host/checks";
import { deployHost } from "../../operations/host/host-deployment";
import { requireLocalFiles } from "../../operations/local-files";
import { requireTerraform } from "../../operations/require-terraform";
import { synthesize } from "../../operations/workspace";
import { OperatorError } from "../../system/operator-error";
import { type Arguments, type Command, JSON_OPTION } from "../command";
import { confirmed } from "../output/confirm";
import { Progress } from "../output/progress";

/** Exit code when something differs, as that of the scripts on the host. */
const DIFFERS = 3;

export const command: Command = {
  group: "run",
  oneHost: true,
  summary: "show drift: what on a hardened host differs from the last deploy",
  details: "The exit code is 3 when anything differs.",
  options: {
    json: JSON_OPTION,
    apply: { description: "apply the host parts again, and nothing else" },
    yes: { description: "do not ask before a host is hardened for the first time" },
  },
  changes: (flags) => (flags.has("apply") ? "whole" : undefined),
  run,
};

async function run(args: Arguments): Promise<number> {
  const workspace = synthesize(args);
  const { environment, stack } = workspace;
  if (stack.host === undefined) {
    throw new OperatorError(`${environment.name} leaves its host alone`, `a block "host" in the environment's file hardens it: docs/host.md`);
  }
  if (args.flags.has("apply")) {
    requireLocalFiles(environment);
    const terraform = requireTerraform(workspace);
    process.umask(0o077);
    terraform.init();
    const progress = new Progress(stack);
    const code = await deployHost(workspace, terraform, (event) => progress.listen(event), {
      yes: args.flags.has("yes"),
      withYes: `npm run host -- ${environment.name} --apply --yes`,
      ask: confirmed,
    });
    process.stdout.write(
      code === 0 ? `\nThe host of ${environment.name} is as it should be.\n` : progress.failure(`npm run host -- ${environment.name} --apply`),
    );
    return code;
  }
  const checks = hostChecks(workspace);
  process.stdout.write(args.flags.has("json") ? `${JSON.stringify(checks, null, 2)}\n` : print(checks, environment.name));
  return checks.every(({ ok }) => ok) ? 0 : DIFFERS;
}

function print(checks: readonly HostCheck[], environment: string): string {
  const lines = checks.flatMap(({ name, ok, differences }) =>
    ok ? [`  ${name}: as it should be`] : differences.map((difference) => `  ${name}: ${difference}`),
  );
  const remedy = checks.every(({ ok }) => ok) ? [] : ["", `To fix it: npm run deploy -- ${environment}`];
  return `${[...lines, ...remedy].join("\n")}\n`;
}
