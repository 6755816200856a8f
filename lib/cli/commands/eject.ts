import { resolve } from "node:path";
import { eject, requireEmptyFolder } from "../../operations/eject/eject";
import { requireTools } from "../../operations/tools";
import { ROOT, synthesize } from "../../operations/workspace";
import type { Arguments, Command } from "../command";
import { callersDirectory } from "../npm";

export const command: Command = {
  group: "run",
  oneHost: true,
  summary: "write the environment as plain Terraform configuration, to go on without this project",
  details:
    "The folder has a file for each part, the configuration files beside them, and the same state. It is kept only if its plan says that nothing changes. " +
    "What runs is not changed.",
  positionals: [{ name: "folder" }],
  run,
};

async function run({ positionals, ...args }: Arguments): Promise<number> {
  const folder = resolve(callersDirectory(ROOT), positionals.get("folder") ?? "");
  requireEmptyFolder(folder);
  const workspace = synthesize(args);
  const { terraform } = requireTools(workspace);
  process.stdout.write(`Writing ${folder}, and planning it with the state of ${args.environment} …\n`);
  await eject(workspace, terraform, folder);
  process.stdout.write(`No changes: ${folder} describes what runs. Its README.md says how to go on.\n`);
  return 0;
}
