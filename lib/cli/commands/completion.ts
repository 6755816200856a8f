import { OperatorError } from "../../system/operator-error";
import type { Arguments, Command } from "../command";
import { allCommands } from "../commands";
import { completionScript, SHELLS } from "../completion";

export const command: Command = {
  group: "look",
  summary: "print a completion script for a shell: bash, zsh or fish",
  details: [
    "bash, in ~/.bashrc: source <(npx secure-bookstack completion bash)",
    "zsh, in ~/.zshrc: source <(npx secure-bookstack completion zsh)",
    "fish, in ~/.config/fish/config.fish: npx secure-bookstack completion fish | source",
    'It completes "secure-bookstack" and "npx secure-bookstack".',
  ].join("\n"),
  environment: "none",
  positionals: [{ name: "shell" }],
  run,
};

function run({ positionals }: Arguments): number {
  const given = positionals.get("shell");
  const shell = SHELLS.find((candidate) => candidate === given);
  if (shell === undefined) throw new OperatorError(`shell must be ${SHELLS.join(", ")}, got "${given}"`, "npm run completion -- bash");
  process.stdout.write(completionScript(shell, allCommands()));
  return 0;
}
