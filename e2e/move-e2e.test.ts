import { spawnSync } from "node:child_process";
import { renameSync, rmSync } from "node:fs";
import { document, shellBlocks } from "../__tests__/support/documents";
import { Deployment, docker, succeeded } from "./support/deployment";
import { imageOf } from "./support/images";
import { DOCKER_HOST } from "./support/needs";
import { missingForSecondEngine, SecondEngine } from "./support/second-engine";

const WIKI = new Deployment({ name: "mov", http: 18_384, https: 18_385, subnets: 243 });
const NO_CHANGES = 0;

const missing = missingForSecondEngine();
if (missing !== undefined) process.stderr.write(`skipped: a move to another server, ${missing}\n`);

(missing === undefined ? describe : describe.skip)('docs/operations/update.md, "Move by hand"', () => {
  const old = new SecondEngine();
  const page = document("docs/operations/update.md");
  const section = page.text.slice(page.text.indexOf("### Move by hand"));
  const [destroy, copy, rename, deploy] = shellBlocks({ path: page.path, text: section });
  /** Owner, mode and content of each file in a volume with data. */
  const contents = (run: (...args: string[]) => string, volume: string) =>
    run(
      "run",
      "--rm",
      "--network",
      "none",
      "--user",
      "0:0",
      "--entrypoint",
      "sh",
      "--mount",
      `type=volume,source=${volume},target=/data`,
      imageOf("bookstack"),
      "-c",
      "cd /data && find . -printf '%p %U:%G %m\\n' | sort && find . -type f -print0 | sort -z | xargs -0 -r sha256sum",
    );
  const onOld = (...args: string[]) => succeeded(old.docker(...args)).trim();
  let users: unknown;
  let before: ReadonlyMap<string, string>;
  let copied: string;

  beforeAll(async () => {
    WIKI.clean();
    await old.start([...new Set(WIKI.summary().containers.map(({ image }) => image))]);
    WIKI.variables = old.agentVariables();
    WIKI.write({ docker: { host: old.ssh, hostKey: old.hostKey } });
    WIKI.must("deploy");
    users = JSON.parse(WIKI.must("credentials", "--json")).users;
    expect(destroy?.trim()).toBe("npm run destroy -- local");
    WIKI.must("destroy");
    const volumes = onOld("volume", "ls", "--quiet", "--filter", "label=secure-bookstack.kind=data").split("\n");
    before = new Map(volumes.map((volume) => [volume, contents(onOld, volume)]));
    const places = [`old=unix://${old.socket}`, `new=${DOCKER_HOST}`, "wiki=mov", `image=${imageOf("bookstack")}`];
    const script = places.reduce((text, line) => text.replace(new RegExp(`^${line.split("=")[0]}=.*$`, "m"), line), copy ?? "");
    copied = succeeded(spawnSync("bash", ["-c", script], { encoding: "utf8" }));
  });

  afterAll(async () => {
    WIKI.clean();
    await old.stop();
    for (const ending of ["", ".backup", ".old-server"]) rmSync(`${WIKI.stateFile()}${ending}`, { force: true });
  });

  test("copies every volume with data, with owners and modes", () => {
    expect(before.size).toBeGreaterThan(4);
    expect(copied.trim().split("\n")).toEqual([...before.keys(), "All volumes are copied."]);
    for (const [volume, content] of before) expect([volume, contents(docker, volume)]).toEqual([volume, content]);
  });

  test("ends with the same wiki on the new server, and nothing left to do", () => {
    expect(rename?.trim()).toBe("mv terraform.local.tfstate terraform.local.tfstate.old-server");
    renameSync(WIKI.stateFile(), `${WIKI.stateFile()}.old-server`);
    expect(deploy?.trim().split(/\n\s*/)).toEqual(["npm run deploy -- local", "npm run verify -- local"]);
    WIKI.variables = {};
    WIKI.write();
    expect(WIKI.must("deploy")).toContain("Every container is healthy.");
    expect(JSON.parse(WIKI.must("credentials", "--json")).users).toEqual(users);
    expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(NO_CHANGES);
  });
});
