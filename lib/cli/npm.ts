import { similar } from "../environment/problems/similar";
import { OperatorError } from "../system/operator-error";
import { type Command, usageOf } from "./command";
import { optionsOf } from "./parser";

/** What npm tells the scripts that it runs, as far as it is read here. */
export type Variables = Readonly<Record<string, string | undefined>>;

const PREFIX = "npm_config_";

/**
 * Refuses options that npm kept for itself because `--` was forgotten: without them the command would do something else.
 *
 * npm passes them on as `npm_config_<option>`, those that it does not know, too; one that is nearly an option of the command was misspelled.
 *
 * @throws OperatorError that shows the command line which was meant.
 */
export function refuseSwallowedOptions(name: string, command: Command, args: readonly string[], variables: Variables = process.env): void {
  // variables of an outer npm reach the commands that its script starts, too
  if (variables.npm_lifecycle_event !== name) return;
  const options = optionsOf(command);
  const swallowed = Object.entries(variables).flatMap(([variable, kept]) => {
    const option = variable.startsWith(PREFIX) ? similar(variable.slice(PREFIX.length), Object.keys(options)) : undefined;
    if (option === undefined || kept === undefined || kept === "") return [];
    const value = options[option]?.value;
    return [value === undefined ? `--${option}` : `--${option} ${kept === "true" ? `<${value}>` : kept}`];
  });
  if (swallowed.length === 0) return;
  const npm = usageOf(name, command).replace(/ --.*/, "");
  throw new OperatorError(`npm kept ${swallowed.join(" and ")} for itself, because -- is missing`, [npm, "--", ...args, ...swallowed].join(" "));
}

/** Directory that relative paths are meant from: where npm was called, not where it runs its scripts. */
export function callersDirectory(root: string, variables: Variables = process.env, current = process.cwd()): string {
  return variables.npm_lifecycle_event !== undefined && current === root ? (variables.INIT_CWD ?? current) : current;
}
