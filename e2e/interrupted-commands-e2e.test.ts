import { existsSync } from "node:fs";
import { Backups, sql } from "./support/backup";
import { Deployment, docker, killGroup, until } from "./support/deployment";

const WIKI = new Deployment({ name: "icm", http: 18_566, https: 18_567, subnets: 222 });
const RUNNING = `${WIKI.stateFile()}.command`;
const RESTORING = `${WIKI.stateFile()}.restore`;
const SECRET = "mysql_bookstack_password";

const backups = new Backups(WIKI);
let set: string;

/** Something that is written into the database, and what is there of all that was. */
const write = (mark: string) => sql(WIKI, `INSERT INTO settings (setting_key, value) VALUES ('mark-${mark}', '${mark}')`);
const written = () => sql(WIKI, "SELECT value FROM settings WHERE setting_key LIKE 'mark-%' ORDER BY value").split("\n");
/** Whether the data of the set took the place of the previous ones, which are kept until the restore ends. */
const swapped = () => sql(WIKI, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'bookstack_before' AND table_name = 'settings'") === "1";
const runs = (service: string) => docker("ps", "--quiet", "--filter", `name=^${WIKI.container(service)}$`) !== "";

beforeAll(() => {
  WIKI.clean();
  WIKI.must("deploy");
  write("before-the-set");
  WIKI.must("backup");
  [set = ""] = backups.names();
  write("later");
});

afterAll(() => WIKI.clean());

test("a deploy beside a rotation is refused, and the rotation goes on", async () => {
  const rotation = WIKI.commandInBackground("rotate", SECRET);
  await until(() => existsSync(RUNNING), 60, "the rotation runs");
  const { status, stdout, stderr } = WIKI.command("deploy");
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^rotate of icm is running, in process \d+ of this machine\n {2}→ wait until it ends; /);
  expect(await rotation).toMatchObject({ status: 0, output: expect.stringContaining(`rotated ${SECRET}`) });
  expect(existsSync(RUNNING)).toBe(false);
});

test("a command that was killed is no obstacle to the next one", async () => {
  const child = WIKI.start("rotate", SECRET);
  await until(() => existsSync(RUNNING), 60, "the rotation runs");
  await killGroup(child);
  expect(existsSync(RUNNING)).toBe(true);
  expect(WIKI.must("rotate", SECRET)).toContain(`rotated ${SECRET}`);
});

test("after a restore that was killed, nothing is deployed, rotated or upgraded on half of the data, and the next restore completes it", async () => {
  const child = WIKI.start("restore", set, "--yes");
  await until(() => (existsSync(RESTORING) && swapped()) || child.exitCode !== null, 240, "the data of the set are in place");
  await killGroup(child);
  expect([runs("bookstack"), runs("backup"), runs("restore")]).toEqual([false, false, true]);
  const message = [
    "a restore or an import of icm was interrupted; its data may be half replaced",
    "  → npm run restore -- icm   # puts the previous data back, then restores the latest backup set",
    "    npm run backups -- icm   # lists other sets, to be named in its place",
    "    rm terraform.icm.tfstate.restore   # only if no restore can run: the next command takes the data as they are",
    "",
  ].join("\n");
  for (const args of [["deploy"], ["rotate", SECRET], ["upgrade", "--yes"]] as const) {
    const [name, ...rest] = args;
    expect([name, WIKI.command(name, ...rest).stderr]).toEqual([name, message]);
  }
  expect(WIKI.must("restore", "--yes")).toContain(`icm is restored from ${set}.`);
  expect(written()).toEqual(["before-the-set"]);
  expect([runs("bookstack"), runs("backup"), runs("restore"), existsSync(RESTORING)]).toEqual([true, true, false, false]);
  expect(WIKI.must("deploy")).toContain("Every container is healthy.");
  expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(0);
});
