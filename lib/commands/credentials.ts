import { loadEnvironment } from "../environment/load";
import { readArguments } from "./arguments";
import { operatorFile } from "./operator-files";

/** `npm run credentials -- <environment> [--json]`: shows the first administrator's password. */
export function run(args: readonly string[]): number {
  const { environment: name, directory, flags } = readArguments(args, { usage: "npm run credentials -- <environment> [--json]", options: { json: "flag" } });
  const environment = loadEnvironment(name, directory);
  const { email } = environment.wiki.admin;
  const password = operatorFile(environment, "wiki_admin_password");
  const text = flags.has("json")
    ? JSON.stringify({ email, password }, null, 2)
    : `e-mail    ${email}\npassword  ${password}\n\nIt is what the first deploy created; change it in the wiki, under your account.`;
  process.stdout.write(`${text}\n`);
  return 0;
}
