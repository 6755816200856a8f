import type { Command } from "../cli/command";
import { overview } from "../cli/help";

export const command: Command = {
  group: "look",
  summary: "list all commands",
  environment: "none",
  run: () => {
    process.stdout.write(overview());
    return 0;
  },
};
