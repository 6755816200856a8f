import { Command as Parser } from "commander";
import { argumentsOf, type Command, GROUPS } from "./command";
import { allCommands } from "./commands";
import { parserOf } from "./parser";
import { PROGRAM } from "./program";

const AFTER = `
Each command has a help of its own: npx ${PROGRAM} deploy --help
With npm, put -- before the options: npm run verify -- local --json
For scripts: npx ${PROGRAM} verify local --json, or npm run --silent

With the command line of CDK for Terraform
  npx cdktf-cli@0.21.0 synth                 write the Terraform JSON of all environments
  npx cdktf-cli@0.21.0 diff <environment>    show what a deploy would change
  npx cdktf-cli@0.21.0 deploy <environment>  apply the environment
  npx cdktf-cli@0.21.0 output <environment>  show the addresses

More: README.md, docs/operations.md, docs/host.md, CONTRIBUTING.md`;

/** The list of all commands, as `npm run help` prints it. */
export function overview(): string {
  const commands = allCommands();
  const program = new Parser(PROGRAM)
    .usage("<command> [<environment>] [options]")
    .description(
      "One YAML file becomes a hardened BookStack wiki on one Docker host. <environment> is a file of environments/ without its ending, such as local.",
    )
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .configureHelp({ helpWidth: 100, subcommandTerm: (command) => termOf(command.name(), commands) })
    .addHelpText("after", AFTER);
  for (const [group, heading] of Object.entries(GROUPS)) {
    for (const [name, command] of [...commands].filter(([, candidate]) => candidate.group === group))
      program.addCommand(parserOf(name, command).helpGroup(heading));
  }
  let text = "";
  program.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

/** A command with its arguments, without its options. */
function termOf(name: string, commands: ReadonlyMap<string, Command>): string {
  const command = commands.get(name);
  return [name, ...(command === undefined ? [] : argumentsOf(command))].join(" ");
}
