import { parseEnvironment } from "../../lib/environment/load";
import type { Environment } from "../../lib/environment/schema";
import { WikiStack } from "../../lib/stack/wiki-stack";
import { localText } from "./example";
import { testApp } from "./plan";

export const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw";
const HOST = `docker: { host: "ssh://deploy@203.0.113.10" }
host: { ssh: { address: 203.0.113.10, user: deploy, hostKeys: [${HOST_KEY}] } }
`;

/** The embedded default on a host that is hardened. */
export function hardenedEnvironment(name = "hard"): Environment {
  return parseEnvironment(name, localText() + HOST, `${name}.yaml`);
}

/** Scripts of every part of a hardened host → by the name of the part. */
export function hostScripts(): ReadonlyMap<string, string> {
  const { host } = new WikiStack(testApp(), hardenedEnvironment());
  if (!host) throw new Error("the environment leaves its host alone");
  return new Map(host.names().map((name) => [name, host.script(name)]));
}

/** Text of a file that the script of a part installs. */
export function fileIn(script: string, path: string): string {
  const [, text] = new RegExp(`^file \\S+ \\S+ ${path.replaceAll(".", "\\.")}(?: [^\\n]*)? <<'END_OF_FILE'\\n(.*?)END_OF_FILE$`, "ms").exec(script) ?? [];
  if (text === undefined) throw new Error(`the script does not install ${path}`);
  return text;
}
