import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Outcome } from "../lib/operations/verify/check";
import { Backups } from "./support/backup";
import { Deployment, docker, healthy, succeeded, until } from "./support/deployment";

const WIKI = new Deployment({ name: "updir", http: 18_153, https: 18_553, subnets: 253 });
const backups = new Backups(WIKI);
/** Where a file system of its own is mounted for the test. */
const PATH = "/srv/updir-e2e";
const IMAGE = "/srv/updir-e2e.img";
const FILES = ["uploads/files/2026-11/attachment.txt", "uploads/images/gallery/picture.png", "uploads-public/images/system/logo.png"];

const run = (program: string, ...args: readonly string[]) => succeeded(spawnSync(program, args, { encoding: "utf8" }));
const on = (path: string) => join(PATH, path);

/** A file as the wiki writes it. */
function writeInWiki(path: string): void {
  const below = path.replace(/^uploads-public/, "/var/www/bookstack/public/uploads").replace(/^uploads/, "/var/www/bookstack/storage/uploads");
  docker("exec", WIKI.container("bookstack"), "sh", "-c", 'mkdir -p "$(dirname "$0")" && printf "content of %s" "$1" > "$0"', below, path);
}

function unmount(): void {
  spawnSync("umount", [PATH]);
  rmSync(PATH, { recursive: true, force: true });
  rmSync(IMAGE, { force: true });
}

beforeAll(() => {
  WIKI.clean();
  unmount();
  run("truncate", "--size=256M", IMAGE);
  run("mkfs.ext4", "-q", IMAGE);
  mkdirSync(PATH);
  run("mount", "-o", "loop", IMAGE, PATH);
  WIKI.write({ wiki: { admin: { email: "first@wiki.localhost" }, uploads: { path: PATH } } });
});

afterAll(() => {
  if (process.env.E2E_KEEP !== undefined) return;
  WIKI.clean();
  unmount();
});

test("a directory that does not exist is named", () => {
  const { status, stdout, stderr } = WIKI.command("deploy");
  expect(status).not.toBe(0);
  expect(`${stdout}${stderr}`).toMatch(new RegExp(`${on("uploads")}.*no such file or directory`, "s"));
});

test("directories of another owner are named, each with the command, and nothing in them is changed", () => {
  for (const name of ["uploads", "uploads-public"]) mkdirSync(on(name));
  const { status, stdout, stderr } = WIKI.command("deploy");
  expect(status).not.toBe(0);
  for (const name of ["uploads", "uploads-public"]) {
    expect(`${stdout}${stderr}`.replace(/\s*\n[│\s]*/g, " ")).toContain(`run there: chown 1000:1000 ${on(name)} && chmod 0750 ${on(name)}`);
    expect(statSync(on(name)).uid).toBe(0);
  }
});

test("a wiki is deployed on a mounted file system, and a second plan changes nothing", () => {
  for (const name of ["uploads", "uploads-public"]) {
    chownSync(on(name), 1000, 1000);
    chmodSync(on(name), 0o750);
  }
  WIKI.must("deploy");
  expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(0);
});

test("what the wiki writes is on the file system, a set has it, and a restore writes it there again", () => {
  for (const path of FILES) writeInWiki(path);
  for (const path of FILES) expect(readFileSync(on(path), "utf8")).toBe(`content of ${path}`);
  WIKI.must("backup");
  expect(backups.script("drill.sh")).toMatchObject({ status: 0, output: expect.stringContaining("can be restored") });
  rmSync(on("uploads/files"), { recursive: true });
  rmSync(on("uploads-public/images"), { recursive: true });
  WIKI.must("restore", "latest", "--yes");
  for (const path of FILES) expect([path, existsSync(on(path)) && readFileSync(on(path), "utf8")]).toEqual([path, `content of ${path}`]);
  expect(statSync(on(FILES[0] ?? "")).uid).toBe(1000);
});

test("each check of verify is ok, or for a part that the environment does not have", async () => {
  await until(() => healthy(WIKI.container("backup")), 60, "the backup is healthy");
  const checks: readonly Outcome[] = JSON.parse(WIKI.command("verify", "--json").stdout).checks;
  const other = checks.filter(({ result }) => result !== "ok" && result !== "skipped");
  // the wiki's own form is open in this environment
  expect(other).toMatchObject([{ name: "sign-on-wall", findings: [{ problem: "signOn.breakGlass bypasses the portal" }] }]);
  expect(checks.filter(({ result }) => result === "ok").map(({ name }) => name)).toEqual(expect.arrayContaining(["container-settings", "upload-space"]));
});

test("destroy keeps the files", () => {
  WIKI.must("destroy");
  for (const path of FILES) expect(existsSync(on(path))).toBe(true);
});
