import type { Construct, IConstruct } from "constructs";
import { Attached } from "./attached";
import { requireAll } from "./errors";

/**
 * What the scripts of the constructs tell an operator to do: only the application knows its commands.
 *
 * They are parts of shell strings in double quotes; `$` begins a variable of the script.
 */
export interface OperatorTexts {
  /** Name of certificate authorities that are created; browsers show it. @default "Private CA" */
  readonly authority: string;
  /** How secrets that are missing are provided: a sentence. @default - names the secret store and variables */
  readonly provideSecrets: string;
  /** How one secret, `$1` of `$environment`, is provided. @default - names the secret store and variables */
  readonly provideSecret: string;
  /** How the environment `$owner` is removed from a host. @default "remove it first" */
  readonly releaseHost: string;
  /** How a backup is created. @default "run backup.sh in this container" */
  readonly createBackup: string;
  /** How the set `$1` of the remote `$from`, empty for a set on the host, is restored without `$parts`. @default - names open.sh */
  readonly restoreWithout: string;
}

const DEFAULTS: OperatorTexts = {
  authority: "Private CA",
  provideSecrets: "Put each into a file of its name in the secret store, or provide it as a variable",
  provideSecret: "put it into the secret store, or provide it as a variable",
  releaseHost: "remove it first",
  createBackup: "run backup.sh in this container",
  restoreWithout: "open it with open.sh $1 '$from' $parts",
};
const TEXTS = new Attached<Partial<OperatorTexts>>("operator-texts");
/** Ends a string in double quotes, or calls a program. */
const UNSAFE = /["`\\\n]|\$\(/;

/** Sets what scripts below `scope` tell an operator; a text that is left out keeps its default. */
export function setOperatorTexts(scope: Construct, texts: Partial<OperatorTexts>): void {
  requireAll(
    scope,
    Object.entries(texts).map(([name, text]) => [!UNSAFE.test(text), `operator text ${name} must have no ", \`, \\, $( or line break, got ${text}`]),
  );
  TEXTS.set(scope, texts);
}

/** What scripts of `construct` tell an operator. */
export function operatorTexts(construct: IConstruct): OperatorTexts {
  return Object.assign({}, DEFAULTS, ...TEXTS.around(construct));
}

/** A script with its texts: `@createBackup@` is the text of that name. */
export function withOperatorTexts(script: string, texts: Partial<OperatorTexts> = {}): string {
  const all = Object.entries({ ...DEFAULTS, ...texts });
  return all.reduce((text, [name, value]) => text.replaceAll(`@${name}@`, () => value), script);
}
