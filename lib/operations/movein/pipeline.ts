import { OperatorError } from "../../system/operator-error";
import { runConnected } from "../../system/pipeline";

/** What an import reads: a dump, or uploads. */
export interface Readable {
  /** The option that names it. */
  readonly option: string;
  readonly path: string;
  /** Why it cannot be read; nothing when it can. */
  problems(): OperatorError[];
  /** Size in bytes as it is stored; nothing when it is not known. */
  bytes(): number | undefined;
  /** Sends it, decompressed, to the program that `argv` starts; a directory is sent as a tar archive. @throws OperatorError when either fails. */
  send(argv: readonly string[], variables: NodeJS.ProcessEnv): Promise<void>;
}

/** Runs programs, each of which reads what the one before writes; the last one gets `variables`. @throws OperatorError when one fails. */
export async function pipe(programs: readonly (readonly string[])[], variables: NodeJS.ProcessEnv, { option, path }: Readable): Promise<void> {
  const last = programs.length - 1;
  const codes = await runConnected(
    programs.map((argv, index) => ({ argv, variables: index === last ? variables : process.env })),
    "inherit",
  );
  if (codes.every((code) => code === 0)) return;
  throw new OperatorError(`${option} ${path} could not be read or loaded; the cause is above`, "fix the cause, then import again");
}
