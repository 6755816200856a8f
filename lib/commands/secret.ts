import { readFileSync } from "node:fs";
import { BACKUP_PASSPHRASE, RESTIC_PASSWORD } from "../../constructs/wiki/backup";
import { type Arguments, type Command, usageOf } from "../cli/command";
import { providedSecrets, storedSecrets } from "../operations/secret-store";
import { synthesize } from "../operations/workspace";
import { OperatorError } from "../operator-error";

const STANDARD_INPUT = 0;
/** Generated, but brought to an empty host when sets come from another one. */
const KEPT_ELSEWHERE: readonly string[] = [BACKUP_PASSPHRASE.name, RESTIC_PASSWORD.name];

export const command: Command = {
  group: "run",
  summary: "store a secret that only you can provide, read from standard input",
  positionals: [{ name: "secret" }],
  // what is too much there may be the secret itself
  hidesExcess: true,
  run,
};

function run(words: Arguments): number {
  const name = words.positionals.get("secret") ?? "";
  const { environment: loaded, stack } = synthesize(words);
  const described = stack.secrets.describe();
  const known = [...providedSecrets(stack), ...described.map((secret) => secret.name).filter((one) => KEPT_ELSEWHERE.includes(one))];
  if (!known.includes(name)) {
    const remedy = known.length === 0 ? `${loaded.name} needs none from you` : known.map((one) => `npm run secret -- ${loaded.name} ${one}`).join("\n");
    throw new OperatorError(`${loaded.name} has no use for a secret "${name}"`, remedy);
  }
  if (process.stdin.isTTY) process.stderr.write(`Paste ${name}, then Enter and Ctrl+D:\n`);
  const { kind, services = [] } = described.find((secret) => secret.name === name) ?? {};
  const value = readFileSync(STANDARD_INPUT, "utf8").trim();
  requireForm(name, value, kind === "provided-file");
  const store = storedSecrets(loaded);
  const replaced = store.names().includes(name);
  store.put(name, value);
  const restart =
    replaced && !loaded.host ? [`then, for it to be read: docker restart ${services.map((service) => `${loaded.name}-${service}`).join(" ")}`] : [];
  process.stdout.write(`${[`${name} is in the store of ${loaded.name}. Next: npm run deploy -- ${loaded.name}`, ...restart].join("\n")}\n`);
  return 0;
}

/** A secret is one word; the configuration file of a program has several lines. */
function requireForm(name: string, value: string, isFile: boolean): void {
  if (value === "" || (!isFile && /\s/.test(value)))
    throw new OperatorError(`${name} must be one word, got ${value === "" ? "nothing" : "several"}`, `${usageOf("secret", command)} < file`);
}
