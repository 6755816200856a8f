import { basename } from "node:path";
import { CONNECTION_REMEDY, UnreachableRegistry } from "../../clients/registry/registry";
import { Terraform } from "../../clients/terraform/terraform";
import { environmentNames, loadEnvironment } from "../../environment/load";
import { lockableIn, placesOf, resolveAt } from "../../operations/lock/image-places";
import { lockProviders, outdatedProviders } from "../../operations/lock/provider-lock";
import { ROOT } from "../../operations/workspace";
import { type DockerProviderMajor, providerLock } from "../../stack/docker-provider";
import { type ImageLock, type LockedImage, readImageLock, writeImageLock } from "../../stack/image-lock";
import type { ImageSettings } from "../../stack/images";
import { OperatorError } from "../../system/operator-error";
import { type Arguments, type Command, usageOf } from "../command";

type Part = "images" | "providers";

export const command: Command = {
  group: "develop",
  summary: "lock the digest of each image tag, and the hashes of the Terraform providers",
  environment: "none",
  options: {
    check: { description: "write nothing; show what differs" },
    only: { description: "lock one of both: images or providers", value: "images|providers" },
    mirror: { description: "directory with the providers, in place of their registry", value: "directory" },
  },
  run,
};

async function run({ flags, values, directory }: Arguments): Promise<number> {
  const only = values.get("only");
  if (only !== undefined && only !== "images" && only !== "providers") {
    throw new OperatorError(`--only must be images or providers, got "${only}"`, usageOf("lock", command));
  }
  const check = flags.has("check");
  const parts: Record<Part, () => Promise<number> | number> = {
    images: () => images(check, directory),
    providers: () => Math.max(...dockerProviders(directory).map((major) => (check ? checkProviders(major) : providers(major, values.get("mirror"))))),
  };
  const wanted: readonly Part[] = only === undefined ? ["images", "providers"] : [only];
  let code = 0;
  for (const part of wanted) code = Math.max(code, await parts[part]());
  return code;
}

async function images(check: boolean, directory: string | undefined): Promise<number> {
  const found = await resolveAll(environmentNames(directory).map((name) => loadEnvironment(name, directory).images));
  const differences = differencesBetween(readImageLock(ROOT), found);
  for (const difference of differences) process.stdout.write(`  ${difference}\n`);
  if (check) {
    process.stdout.write(
      differences.length === 0 ? "images.lock.json is what the registries say.\n" : "images.lock.json differs; read why, then: npm run lock\n",
    );
    return differences.length === 0 ? 0 : 1;
  }
  writeImageLock(found, ROOT);
  process.stdout.write(`images.lock.json has the digests of ${Object.keys(found).length} images.\n`);
  return 0;
}

async function resolveAll(environments: readonly ImageSettings[]): Promise<ImageLock> {
  const references = lockableIn(environments);
  const outcomes = await Promise.allSettled(references.map((reference) => resolveAt(reference, placesOf(reference, environments))));
  const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  const [other] = refused.filter((error) => !(error instanceof OperatorError));
  if (other !== undefined) throw other;
  requireRegistries(refused);
  if (refused.length > 0) throw OperatorError.joined(refused);
  return Object.fromEntries(outcomes.flatMap((outcome, index) => (outcome.status === "fulfilled" ? [[references[index], outcome.value]] : [])));
}

/** @throws OperatorError that names the registries which do not answer, in place of a line for each of their images. */
function requireRegistries(refused: readonly unknown[]): void {
  const unreachable = refused.filter((error) => error instanceof UnreachableRegistry);
  if (unreachable.length === 0) return;
  const registries = [...new Set(unreachable.map(({ origin }) => origin))].sort();
  throw new OperatorError(`${registries.join(", ")} cannot be reached; images.lock.json is unchanged`, CONNECTION_REMEDY);
}

/** What has to be read before it is committed, one line each. */
function differencesBetween(known: ImageLock, found: ImageLock): string[] {
  const changed = Object.entries(found).flatMap(([reference, now]) => {
    const before = Object.hasOwn(known, reference) ? known[reference] : undefined;
    if (before === undefined) return [`${reference} is new: ${now.digest}`];
    return before.digest === now.digest ? platformsOf(reference, before, now) : [`${reference} MOVED: it was ${before.digest}, and is ${now.digest}`];
  });
  return [...changed, ...Object.keys(known).flatMap((reference) => (Object.hasOwn(found, reference) ? [] : [`${reference} is no longer used`]))];
}

function platformsOf(reference: string, before: LockedImage, now: LockedImage): string[] {
  const names = [...new Set([...Object.keys(before.platforms), ...Object.keys(now.platforms)])].sort();
  return names.filter((name) => before.platforms[name] !== now.platforms[name]).map((name) => `${reference} for ${name} is not what is written down`);
}

/** The version that all environments use unless they say otherwise, and the others that one of them uses. */
function dockerProviders(directory: string | undefined): DockerProviderMajor[] {
  return [...new Set([3 as const, ...environmentNames(directory).map((name) => loadEnvironment(name, directory).providers.docker)])];
}

/** Fails when a provider cannot be had for any platform; some are not built for all of them. */
function providers(docker: DockerProviderMajor, mirror: string | undefined): number {
  const terraform = Terraform.find(ROOT);
  const locked = lockProviders(terraform, { docker, mirror });
  const missing = locked.filter(({ problem }) => problem !== undefined);
  for (const { source, platform, problem } of missing) process.stdout.write(`  ${source} for ${platform}: ${problem}\n`);
  process.stdout.write(`${basename(providerLock(docker))} has the hashes of ${locked.length - missing.length} of ${locked.length} providers for platforms.\n`);
  const sources = [...new Set(locked.map(({ source }) => source))].filter((source) => source.startsWith(`${terraform.registry}/`));
  return sources.some((source) => missing.filter((provider) => provider.source === source).length === locked.length / sources.length) ? 1 : 0;
}

function checkProviders(docker: DockerProviderMajor): number {
  const problems = outdatedProviders(docker);
  for (const problem of problems) process.stdout.write(`  ${problem}\n`);
  if (problems.length === 0) return 0;
  process.stdout.write(`${basename(providerLock(docker))} does not match these packages; delete it, then run: npm run lock\n`);
  return 1;
}
