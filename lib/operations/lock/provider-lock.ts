import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { App, TerraformStack } from "cdktf";
import { excerpt } from "../../../constructs/core/secret-kinds";
import { CONNECTION_REMEDY } from "../../clients/registry/registry";
import { ENVIRONMENT, REGISTRIES, type Terraform } from "../../clients/terraform/terraform";
import { TERRAFORMS_LOCK } from "../../stack/bundle";
import { chooseDockerProvider, type DockerProviderMajor, providerLock } from "../../stack/docker-provider";
import { OperatorError } from "../../system/operator-error";
import { withTemporaryDirectory } from "../../system/temporary";

/** Machines that may run Terraform. */
const PLATFORMS = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"] as const;

/** Characters of what Terraform printed that are shown. */
const SHOWN = 300;

/** The result for one provider and one platform. */
export interface LockedProvider {
  /** Host, namespace and name. */
  readonly source: string;
  readonly platform: string;
  /** Why the hashes are missing; undefined if they are in the file. */
  readonly problem: string | undefined;
}

export interface LockOptions {
  /**
   * Directory with the providers.
   * @default - their registry
   */
  readonly mirror?: string;
  /**
   * Major version of the provider of Docker.
   * @default 3
   */
  readonly docker?: DockerProviderMajor;
  /** @default - the lock file of that version, at the top of the repository */
  readonly file?: string;
}

/**
 * Writes the hashes of every provider, for each platform that is available at the registry or in `mirror`, a directory.
 *
 * Terraform and OpenTofu have a registry each and read only the hashes for it, so the file gets both. An existing file is extended;
 * Terraform verifies the hashes that it contains.
 */
export function lockProviders(
  { binary, registry: own }: Pick<Terraform, "binary" | "registry">,
  { mirror, docker = 3, file = providerLock(docker) }: LockOptions = {},
): LockedProvider[] {
  return withTemporaryDirectory((directory) => {
    const lock = join(directory, TERRAFORMS_LOCK);
    if (existsSync(file)) copyFileSync(file, lock);
    const wanted = Object.entries(providers(docker)).flatMap(([provider, { source, version }]) =>
      Object.entries(REGISTRIES).map(
        ([tool, registry]) => [`${provider}-${tool}`, { source: `${registry}/${source.includes("/") ? source : `hashicorp/${source}`}`, version }] as const,
      ),
    );
    writeFileSync(join(directory, "main.tf.json"), JSON.stringify({ terraform: { required_providers: Object.fromEntries(wanted) } }));
    const from = mirror === undefined ? [] : [`-fs-mirror=${mirror}`];
    const locked = wanted.flatMap(([, { source }]) =>
      // one at a time, so that a provider that is missing for one platform does not affect the others
      PLATFORMS.map((platform) => {
        const args = ["providers", "lock", "-no-color", ...from, `-platform=${platform}`, source];
        const { status, stderr } = spawnSync(binary, args, { cwd: directory, encoding: "utf8", env: { ...process.env, ...ENVIRONMENT } });
        if (status !== 0 && source.startsWith(`${own}/`)) requireRegistry(stderr, file);
        return { source, platform, problem: status === 0 ? undefined : summary(stderr) };
      }),
    );
    if (locked.some(({ problem }) => problem === undefined)) copyFileSync(lock, file);
    return locked;
  });
}

/** @throws OperatorError when Terraform could not reach the registry: all other providers and platforms would fail the same way. */
function requireRegistry(stderr: string, file: string): void {
  const text = stderr.replace(/[│╷╵\s]+/g, " ");
  const [, registry] = /could not connect to (\S+): failed to request discovery document/.exec(text) ?? [];
  if (registry === undefined) return;
  throw new OperatorError(`${registry} cannot be reached; ${basename(file)} is unchanged`, CONNECTION_REMEDY);
}

/** Name → source and version of each provider that a stack may use. */
function providers(docker: DockerProviderMajor): Record<string, { source: string; version: string }> {
  return withTemporaryDirectory((outdir) => {
    const stack = new TerraformStack(new App({ outdir }), "providers");
    for (const Provider of [DockerProvider, NullProvider, CloudflareProvider]) new Provider(stack, Provider.name);
    chooseDockerProvider(stack, docker);
    return stack.toTerraform().terraform.required_providers;
  });
}

/** Versions in a lock file that are not those of the packages, in words; nothing when all are. */
export function outdatedProviders(docker: DockerProviderMajor = 3, file = providerLock(docker)): string[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  return Object.values(providers(docker)).flatMap(({ source, version }) => {
    const entries = text.matchAll(new RegExp(`provider "[^"]*/${source}" \\{\\s*version\\s*=\\s*"([^"]+)"`, "gi"));
    const others = new Set([...entries].map(([, locked]) => locked).filter((locked) => locked !== version));
    return [...others].map((locked) => `${source} is locked at ${locked}, and the package is for ${version}`);
  });
}

function summary(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.replace(/^[│╷╵\s]+/, "").trim());
  return excerpt(lines.filter((line) => line !== "").join(" "), SHOWN);
}
