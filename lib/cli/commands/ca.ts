import { loadEnvironment } from "../../environment/load";
import { renewAuthority } from "../../operations/secrets/authority";
import { authorityText } from "../../operations/secrets/operator-files";
import { OperatorError } from "../../system/operator-error";
import { certificatesIn } from "../../system/pem";
import type { Arguments, Command } from "../command";

export const command: Command = {
  group: "run",
  summary: "print the certificate of the environment's own certificate authority, as PEM",
  details: "With --renew, devices that trust the old certificate accept the wiki until that ends; import the new one before.",
  options: {
    renew: { description: "first sign it again with the same key, for ten more years" },
    next: { description: "print the new CA alone, while both are trusted (rotate edge_ca)" },
  },
  run,
};

function run({ environment, directory, flags }: Arguments): number {
  const loaded = loadEnvironment(environment, directory);
  if (flags.has("renew")) renewAuthority(loaded);
  const text = authorityText(loaded);
  if (text === undefined) {
    const whose = loaded.tls.issuer === "letsencrypt" ? "that of Let's Encrypt" : "that of its certificate";
    throw new OperatorError(`${environment} has no own certificate authority: browsers trust ${whose}`, "none needed");
  }
  process.stdout.write(`${(flags.has("next") ? nextOf(text, environment) : text).trim()}\n`);
  return 0;
}

/** The last one of several certificates: during a rotation, the new authority comes after the one that signs. */
function nextOf(text: string, environment: string): string {
  const all = certificatesIn(text);
  if (all.length > 1) return all.at(-1) ?? "";
  throw new OperatorError(`${environment} has one CA; no rotation of edge_ca has begun`, `npm run rotate -- ${environment} edge_ca`);
}
