import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Deployment, docker, killGroup, succeeded, until } from "./support/deployment";
import { LEFT_OUT } from "./support/needs";

const WIKI = new Deployment({ name: "kll", http: 18_096, https: 18_446, subnets: 246 });
const LABEL = "label=secure-bookstack.namespace=kll";

/** Number of containers that are there when the deploy is killed. */
const MOMENTS = LEFT_OUT === undefined ? [1, 2, 3, 4, 6, 8, 10, 12, 14, 16] : [12];
if (LEFT_OUT !== undefined) process.stderr.write(`skipped: a deploy killed at ten moments, ${LEFT_OUT}\n`);

const created = () => docker("ps", "--all", "--quiet", "--filter", LABEL).split("\n").filter(Boolean).length;

/** Deploys, and kills the command with everything it started as soon as so many containers are there. */
async function killedAt(containers: number): Promise<void> {
  const child = WIKI.start("deploy");
  await until(() => created() >= containers || child.exitCode !== null, 240, `${containers} containers`);
  // within the time that a container takes to become healthy
  await pause(500);
  await killGroup(child);
}

beforeAll(() => WIKI.clean());
afterAll(() => WIKI.clean());

test.each(MOMENTS)("a deploy that is killed while container %d is created is completed by the next one", async (containers) => {
  await killedAt(containers);
  const { status, stdout, stderr } = WIKI.command("deploy");
  expect({ status, stderr, output: stdout.slice(-1500) }).toMatchObject({ status: 0 });
  expect(docker("ps", "--filter", LABEL, "--filter", "health=unhealthy", "--quiet")).toBe("");
  expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(0);
  succeeded(WIKI.command("destroy"));
});

test("what a killed deploy leaves is no obstacle to destroy", async () => {
  await killedAt(8);
  succeeded(WIKI.command("destroy", "--with-data", WIKI.name));
  expect(WIKI.onEngine()).toEqual([]);
});

test("containers of a state that is lost are refused, and run on", () => {
  succeeded(WIKI.command("deploy"));
  const before = WIKI.containerIds();
  rmSync(WIKI.stateFile());
  const { status, stderr } = WIKI.command("deploy");
  expect(status).toBe(1);
  expect(stderr).toContain('containers of "kll" that this state does not know: kll-');
  expect(WIKI.containerIds()).toEqual(before);
});
