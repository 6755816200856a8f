import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationError } from "../../constructs/core/errors";
import { OperatorError } from "../operator-error";

/** A command: one file in this directory, called by the name of the file. */
export interface Command {
  /** Runs with the words after the command's name and gives the exit code. */
  run(args: readonly string[]): Promise<number> | number;
}

async function main([name = "", ...args]: readonly string[]): Promise<number> {
  const file = join(__dirname, `${name}.ts`);
  if (!/^[a-z-]+$/.test(name) || !existsSync(file)) throw new OperatorError(`there is no command "${name}"`, "npm run help");
  return (require(file) as Command).run(args);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const known = error instanceof ConfigurationError || error instanceof OperatorError;
    process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  },
);
