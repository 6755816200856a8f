import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type CertificatePair, examine } from "../../operations/secrets/certificate-files";
import { storedSecrets } from "../../operations/secrets/secret-store";
import { ROOT, synthesize } from "../../operations/workspace";
import { CERTIFICATE, CERTIFICATE_KEY } from "../../stack/issuer";
import { OperatorError } from "../../system/operator-error";
import { type Arguments, type Command, usageOf } from "../command";
import { callersDirectory } from "../npm";

const [CHAIN_FILE, KEY_FILE] = ["chain", "key"];

export const command: Command = {
  group: "run",
  summary: "store a certificate of your own and its key, and let the wiki use it",
  details: "Both files are PEM: the certificate chain, and the private key. A certificate that does not match is refused.",
  positionals: [{ name: CHAIN_FILE }, { name: KEY_FILE }],
  changes: "interrupted",
  following: true,
  run,
};

function run(args: Arguments): number {
  const { environment, stack } = synthesize(args);
  const { name, tls } = environment;
  if (tls.issuer !== "files") {
    throw new OperatorError(
      `the certificate of ${name} comes from elsewhere (tls.issuer is ${tls.issuer})`,
      "to use your own certificate, set tls: { issuer: files }",
    );
  }
  const pair: CertificatePair = { chain: read(args, CHAIN_FILE), key: read(args, KEY_FILE) };
  const hostNames = Object.values(stack.urls).map((url) => new URL(url).hostname);
  const { validTo, problems } = examine(pair, hostNames);
  if (problems.length > 0) throw new OperatorError(`the certificate cannot be used: ${problems.join("; ")}`, usageOf("certificate", command));
  const inUse = storedSecrets(environment).replace([
    [CERTIFICATE, pair.chain],
    [CERTIFICATE_KEY, pair.key],
  ]);
  const until = validTo.toISOString().slice(0, 10);
  const next = inUse ? `${name} uses it now.` : `Next: npm run deploy -- ${name}`;
  process.stdout.write(`The certificate is stored; it is valid until ${until}. ${next}\n`);
  return 0;
}

function read({ positionals }: Arguments, name: string): string {
  const file = resolve(callersDirectory(ROOT), positionals.get(name) ?? "");
  if (!existsSync(file)) throw new OperatorError(`${file} is not there`, usageOf("certificate", command));
  return `${readFileSync(file, "utf8").trim()}\n`;
}
