import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import { KNOWN_HOSTS, knownHosts } from "../environment/docker-access";
import type { Environment } from "../environment/schema";
import { providerLock } from "./docker-provider";

/** Name under which Terraform reads hashes of providers. */
export const TERRAFORMS_LOCK = ".terraform.lock.hcl";

/** Puts beside the JSON of `stack` what Terraform needs besides, so that this folder alone is enough: the host's key, hashes of providers. */
export function completeFolder(stack: TerraformStack, { docker: { hostKey }, providers }: Environment): void {
  const lock = providerLock(providers.docker);
  const files: Record<string, string> = hostKey === undefined ? {} : { [KNOWN_HOSTS]: knownHosts(hostKey) };
  if (existsSync(lock)) files[TERRAFORMS_LOCK] = readFileSync(lock, "utf8");
  const own = stack.synthesizer;
  stack.synthesizer = {
    synthesize: (session) => {
      own.synthesize(session);
      const folder = join(session.outdir, session.manifest.forStack(stack).workingDirectory);
      if (!existsSync(lock)) removeOutdatedLock(stack, folder);
      for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    },
  };
}

/** Hashes that `init` wrote for the version of a provider that an earlier release of this project used: it would refuse the new one. */
function removeOutdatedLock(stack: TerraformStack, folder: string): void {
  const file = join(folder, TERRAFORMS_LOCK);
  if (!existsSync(file)) return;
  const locked = readFileSync(file, "utf8");
  const required: readonly { readonly version: string }[] = Object.values(stack.toTerraform().terraform.required_providers);
  const entries = [...locked.matchAll(/^\s*constraints\s*=\s*"([^"]+)"/gm)].map(([, constraint]) => constraint);
  if (entries.some((constraint) => !required.some(({ version }) => version === constraint))) rmSync(file);
}
