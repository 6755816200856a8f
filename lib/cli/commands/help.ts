import type { Command } from "../command";
import { overview } from "../help";

export const command: Command = {
  group: "look",
  summary: "list all commands",
  environment: "none",
  run: () => {
    process.stdout.write(overview());
    return 0;
  },
};
