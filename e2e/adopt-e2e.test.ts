import { rmSync } from "node:fs";
import { Browser } from "./support/browser";
import { Deployment, docker } from "./support/deployment";
import { imageOf } from "./support/images";

const WIKI = new Deployment({ name: "ado", http: 18_251, https: 18_253, subnets: 215 });
const LABEL = "secure-bookstack.namespace=ado";
const BOOK = "Before the state was lost";

/** Id of each container, whether it runs or not, and what tells each volume with data from one that was made again. */
function deployed(): string {
  const containers = docker("ps", "--all", "--no-trunc", "--filter", `label=${LABEL}`, "--format", "{{.Names}} {{.ID}}");
  return [...containers.split("\n"), ...dataVolumes()].sort().join("\n");
}

/** Number and birth time of the directory of each; what Docker calls the creation of a volume is the time of its last change. */
function dataVolumes(): string[] {
  const names = docker("volume", "ls", "--quiet", "--filter", `label=${LABEL}`, "--filter", "label=secure-bookstack.kind=data").split("\n");
  const mounts = names.map((name) => `--mount=type=volume,source=${name},target=/data/${name},readonly`);
  const args = ["run", "--rm", "--network=none", "--user=0:0", ...mounts, "--entrypoint=sh", imageOf("mysql")];
  return docker(...args, "-c", "stat -c '%n %i %W' /data/*").split("\n");
}

function loseState(): void {
  for (const ending of ["", ".backup"]) rmSync(`${WIKI.stateFile()}${ending}`, { force: true });
}

let browser: Browser;
let book: string;

beforeAll(async () => {
  WIKI.clean();
  WIKI.must("deploy");
  browser = new Browser("bookstack.wiki.localhost", WIKI.https, WIKI.must("ca"));
  const { email, password } = JSON.parse(WIKI.must("credentials", "--json")).administrator;
  expect(await browser.signIn(email, password)).toBe(true);
  book = await browser.makeBook(BOOK);
});
afterAll(() => WIKI.clean());

test("a state that is not lost is refused, and stays", () => {
  const { status, stderr } = WIKI.command("adopt");
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^the state of ado is not lost: it has \d+ resources; nothing was adopted\n/)]);
});

test("deploy and doctor name the command when the state is lost", () => {
  loseState();
  const before = deployed();
  const { status, stderr } = WIKI.command("deploy");
  expect([status, stderr]).toEqual([1, expect.stringContaining("npm run adopt -- ado")]);
  const { found } = JSON.parse(WIKI.command("doctor", "--json").stdout);
  expect(found.find(({ cause }: { cause: string }) => cause === "state").remedy).toContain("npm run adopt -- ado");
  expect(deployed()).toBe(before);
});

test("a lost state: what runs is adopted, the next plan is empty, and no container was restarted", async () => {
  const before = deployed();
  const started = () => docker("inspect", "--format", "{{.Name}} {{.State.StartedAt}} {{.RestartCount}}", ...Object.keys(WIKI.containerIds()).sort());
  const running = started();
  const output = WIKI.must("adopt");
  expect(output).toMatch(/^Adopted: \d+ containers, \d+ volumes, 3 networks, \d+ images\. No container was changed\.$/m);
  expect(output).not.toMatch(/Not adopted|not what the environment describes/);
  expect(output).toContain("ado: no changes.");
  expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(0);
  expect([deployed(), started()]).toEqual([before, running]);
  expect((await browser.ask(book)).body).toContain(BOOK);
});

test("what is not as the environment describes it is named, and replaced by the next deploy; data stay", async () => {
  loseState();
  const data = dataVolumes();
  const image = imageOf("mysql");
  const files = docker("volume", "ls", "--quiet", "--filter", "name=ado-authelia-users-config-");
  docker(
    "run",
    "--rm",
    "--network=none",
    "--user=0:0",
    "--entrypoint=sh",
    "--mount",
    `type=volume,source=${files},target=/config`,
    image,
    "-c",
    "for file in /config/*; do echo >>$file; done",
  );
  docker("rm", "ado-volume-owners");
  docker("stop", "ado-backup");
  docker("rm", "--force", "ado-certificates");
  docker("run", "--detach", "--name=ado-certificates", `--label=${LABEL}`, "--network=none", "--entrypoint=sleep", image, "3600");
  const output = WIKI.must("adopt");
  expect(output).toContain("\n  container ado-volume-owners is missing\n");
  expect(output).toContain("\n  container ado-backup does not run (exited)\n");
  expect(output).toMatch(/\n {2}container ado-authelia-users-config-\w+: file \/config\/\S+ is not what is planned/);
  expect(output).toMatch(/\n {2}container ado-certificates: .*label secure-bookstack\.settings is missing/);
  expect(WIKI.must("deploy")).toContain("Every container is healthy.");
  expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(0);
  expect(dataVolumes()).toEqual(data);
  expect((await browser.ask(book)).body).toContain(BOOK);
});
