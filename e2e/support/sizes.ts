import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Browser } from "./browser";
import { type Deployment, docker, succeeded } from "./deployment";

export const MIB = 2 ** 20;
const DIRECTORY = "/var/lib/bookstack-scratch";
/** Without a portal nobody is signed in, so the browser would share the rate limit of unknown users. */
const REQUESTS_OF_A_SCRIPT = { perMinute: 6000, burst: 1000 };

/** Deploys only the wiki, its database and Traefik: portal and intrusion detection do not affect sizes. */
export function bringWiki(wiki: Deployment, settings: Readonly<Record<string, unknown>>): void {
  wiki.write({ wiki: { admin: { email: "first@wiki.localhost" }, ...settings }, traefik: { rateLimit: REQUESTS_OF_A_SCRIPT } });
  wiki.must("start");
  const { resource } = JSON.parse(readFileSync(join(wiki.stackDirectory(), "cdk.tf.json"), "utf8"));
  const wanted = ["bookstack", "traefik"].map((service) => wiki.container(service));
  const targets = Object.entries<{ name: string }>(resource.docker_container)
    .filter(([, { name }]) => wanted.includes(name))
    .map(([id]) => `-target=docker_container.${id}`);
  for (const args of [
    ["init", "-input=false"],
    ["apply", "-auto-approve", "-input=false", ...targets],
  ]) {
    const { stderr, stdout, ...ended } = spawnSync("terraform", [...args, "-no-color"], { cwd: wiki.stackDirectory(), encoding: "utf8" });
    succeeded({ ...ended, stdout, stderr: `${stdout}${stderr}` });
  }
}

/** A browser that is signed in as the first administrator. */
export async function signedIn(wiki: Deployment): Promise<Browser> {
  const browser = new Browser("bookstack.wiki.localhost", wiki.https, wiki.must("ca"));
  const volume = `type=volume,source=${wiki.name}-secrets-operator,target=/secrets,readonly`;
  const image = docker("inspect", "--format", "{{.Config.Image}}", wiki.container("bookstack"));
  const run = ["run", "--rm", "--name", `${wiki.name}-reader`, "--network=none", "--user=0:0", "--mount", volume, "--entrypoint=cat", image];
  if (!(await browser.signIn("first@wiki.localhost", docker(...run, "/secrets/wiki_admin_password")))) throw new Error("sign-in at the wiki failed");
  return browser;
}

/** Files that requests have left, or are at work on. */
export function temporaryFiles(wiki: Deployment): string[] {
  return docker("exec", wiki.container("bookstack"), "find", DIRECTORY, "-type", "f").split("\n").filter(Boolean);
}

/** Kills the worker that writes there, as the kernel does when memory is short; true when there was one. */
export function killWriter(wiki: Deployment): boolean {
  const script = `for open in /proc/[0-9]*/fd/*; do
    case $(readlink "$open") in ${DIRECTORY}/temporary/*) pid=\${open#/proc/}; kill -9 "\${pid%%/*}"; exit 0 ;; esac
  done; exit 1`;
  return spawnSync("docker", ["exec", wiki.container("bookstack"), "sh", "-c", script], { stdio: "ignore" }).status === 0;
}

/** Number of processes in the container that were killed because of too little memory, or otherwise with the same signal. */
export function killed(wiki: Deployment): number {
  const { stdout, stderr } = spawnSync("docker", ["logs", wiki.container("bookstack")], { encoding: "utf8", maxBuffer: 256 * MIB });
  return `${stdout}${stderr}`.split("exit signal Killed").length - 1;
}

/** A photo of so many pixels, made in the wiki's own container, whose own limits are not for this. */
export function photo(wiki: Deployment, width: number, height: number): Buffer {
  const image = docker("inspect", "--format", "{{.Config.Image}}", wiki.container("bookstack"));
  const program = `$i = imagecreatetruecolor(${width}, ${height}); for ($k = 0; $k < 300; $k++) { imagefilledellipse($i, rand(0, ${width}), rand(0, ${height}), 900, 900, rand(0, 0xffffff)); } imagejpeg($i);`;
  const run = ["run", "--rm", "--name", `${wiki.name}-camera`, "--network=none", "--entrypoint=php", image, "-d", "memory_limit=-1", "-r", program];
  const { status, stdout, stderr } = spawnSync("docker", run, { maxBuffer: 256 * MIB });
  if (status !== 0) throw new Error(`no photo: ${stderr}`);
  return stdout;
}

/** Bytes that no archive makes smaller. */
export function file(mebibytes: number): Buffer {
  return randomBytes(Math.floor(mebibytes * MIB));
}

export function fingerprint(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** HTML of about so many bytes, with what people write: headings, paragraphs, lists. */
export function pageOf(bytes: number): string {
  const section = `<h2>Section</h2><p>${"words that say something ".repeat(15)}</p><ul>${"<li>an item with <b>weight</b></li>".repeat(5)}</ul>`;
  return section.repeat(Math.ceil(bytes / section.length));
}
