import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { missingForMachine } from "./host-machine";
import { type Images, imagesHere } from "./images";

/** Tests that need more than Node.js, and the benchmarks. */
export const LEVELS = ["terraform", "e2e", "host", "faults", "bench"] as const;
export type Level = (typeof LEVELS)[number];

/** Which of terraform and tofu the tests use, or its path; that which is installed unless given. */
export const E2E_TERRAFORM = process.env.E2E_TERRAFORM;

/** Engine on which the tests deploy, as `docker.host`; that of this machine unless given. */
export const E2E_DOCKER_HOST = process.env.E2E_DOCKER_HOST;
export const DOCKER_HOST = E2E_DOCKER_HOST ?? "unix:///var/run/docker.sock";

/** Directories with the programs of an engine, separated as in PATH: the base deployment runs on each of these engines. */
export const E2E_ENGINES = (process.env.E2E_ENGINES ?? "").split(delimiter).filter((directory) => directory !== "");

/** Major version of the Docker provider for the base deployment; 3 unless given. */
export const E2E_PROVIDER = process.env.E2E_PROVIDER;

/** What a level lacks on this machine, in a few words; nothing when it can run. */
export function missingFor(level: Level): string | undefined {
  if (tool() === undefined) return `no ${E2E_TERRAFORM ?? "terraform or tofu"}`;
  if (level === "host") return missingProvider("hashicorp/null", "3.2.4") ?? missingForMachine();
  const provider = missingProvider();
  if (provider !== undefined) return provider;
  if (!answers("docker", ["version"])) return "no Docker daemon";
  if (level === "terraform") return undefined;
  if (!answers("openssl", ["version"])) return "no openssl";
  if (level === "faults") return missingForFaults();
  const images: Images = imagesHere();
  if (level === "bench") return missingImages(images);
  return images.missing.length > 0 ? `no image of ${images.missing.join(", ")}, and no stand-in` : undefined;
}

/** Containers are killed, unplugged and given small disks from outside, on the machine of the engine. */
function missingForFaults(): string | undefined {
  if (process.getuid?.() !== 0) return "not root";
  const programs = ["nsenter", "ip", "mkfs.ext4", "losetup", "findmnt"].filter((program) => !answers("sh", ["-c", `command -v ${program}`]));
  if (programs.length > 0) return `no ${programs.join(", ")}`;
  return missingImages(imagesHere());
}

function missingImages({ missing, missingForMonitoring }: Images): string | undefined {
  const images = [...missing, ...missingForMonitoring];
  return images.length > 0 ? `no image of ${images.join(", ")}, and no stand-in` : undefined;
}

/** The first of the tools that answers. */
function tool(): string | undefined {
  return (E2E_TERRAFORM === undefined ? ["terraform", "tofu"] : [E2E_TERRAFORM]).find((binary) => answers(binary, ["version"]));
}

function answers(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore", timeout: 20_000 }).status === 0;
}

/** For Terraform: with the account's home, which may have providers. Tests have a separate home. */
export const TERRAFORM_ENVIRONMENT = { ...process.env, HOME: userInfo().homedir, CHECKPOINT_DISABLE: "1" };

/** Whether `init` can download a provider, from a registry or a local mirror. */
export function missingProvider(source = "kreuzwerker/docker", version = "3.6.2"): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), "secure-bookstack-"));
  try {
    writeFileSync(join(directory, "main.tf.json"), JSON.stringify({ terraform: { required_providers: { wanted: { source, version } } } }));
    const { status } = spawnSync(tool() ?? "terraform", ["init", "-input=false"], {
      cwd: directory,
      stdio: "ignore",
      timeout: 120_000,
      env: TERRAFORM_ENVIRONMENT,
    });
    return status === 0 ? undefined : `the provider ${source} cannot be had here`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Why tests that take minutes are skipped; nothing if they were requested. */
export const LEFT_OUT = process.env.E2E_SLOW === "1" ? undefined : "it takes minutes; E2E_SLOW=1 runs it";
