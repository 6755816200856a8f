import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { Deployment, docker, until, WORK } from "./support/deployment";
import { imagesHere } from "./support/images";
import { SshServer } from "./support/ssh-server";

const WIKI = new Deployment({ name: "ini", http: 18_098, https: 18_448, subnets: 247 });
const FILE = join(WORK, `${WIKI.name}.yaml`);
const PEOPLE = ["--users", "alice=alice@example.com,bob=bob@example.com", "--admin", "boss@example.com"];

/** Runs `init` with these options; the file that it writes. */
function written(...options: readonly string[]): string {
  rmSync(FILE, { force: true });
  WIKI.must("init", ...options);
  return readFileSync(FILE, "utf8");
}

/** Changes the file for an engine with other environments, with the images that are here and without monitoring; the rest stays as `init` wrote it. */
function besideOthers(): void {
  const document = parseDocument(readFileSync(FILE, "utf8"));
  document.set("ports", { address: "127.0.0.1", http: WIKI.http, https: WIKI.https });
  document.set("networks", { proxy: "10.247.1.0/26", backend: "10.247.2.0/26", database: "10.247.3.0/26" });
  document.set("images", imagesHere().overrides);
  // deployed by a test of its own
  document.set("monitoring", { enabled: false });
  writeFileSync(FILE, String(document));
}

/** What `terraform validate` says of the stack; nothing when it is valid. */
function invalid(): string {
  WIKI.must("start");
  const options = { cwd: WIKI.stackDirectory(), encoding: "utf8" } as const;
  for (const args of [["init", "-input=false"], ["validate"]]) {
    const { status, stdout, stderr } = spawnSync("terraform", [...args, "-no-color"], options);
    if (status !== 0) return `${stdout}${stderr}`;
  }
  return "";
}

/** Status and target of the first answer of the wiki. */
function wikiAnswer(): string {
  const name = `bookstack.wiki.localhost:${WIKI.https}`;
  const args = ["-sk", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", "--resolve", `${name}:127.0.0.1`, `https://${name}/`];
  return spawnSync("curl", args, { encoding: "utf8" }).stdout;
}

afterAll(() => WIKI.clean());

describe("the file that init writes for this machine", () => {
  beforeAll(() => WIKI.clean());

  test("is previewed as it is", () => {
    written("--domain", "wiki.localhost", ...PEOPLE);
    expect(WIKI.must("start")).toContain("ini is ready to deploy to unix:///var/run/docker.sock");
  });

  test("is valid, planned, deployed and destroyed", async () => {
    besideOthers();
    expect(invalid()).toBe("");
    expect(WIKI.must("plan")).toMatch(/: \d+ to add, 0 to change/);
    expect(WIKI.must("deploy")).toContain("Sign in as alice or bob");
    await until(() => wikiAnswer().startsWith("302 https://auth.wiki.localhost"), 30, "the wiki redirects to the portal");
    expect(docker("ps", "--filter", `label=secure-bookstack.namespace=${WIKI.name}`, "--filter", "health=unhealthy", "--quiet")).toBe("");
    WIKI.must("destroy", "--with-data", WIKI.name);
    expect(WIKI.onEngine()).toEqual([]);
  });
});

describe("the file that init writes for a server", () => {
  const server = new SshServer(18_222);
  beforeAll(() => server.start());
  afterAll(() => server.stop());

  test.each([
    ["reached by SSH", []],
    [
      "that is hardened, with certificates of Let's Encrypt and mail",
      ["--harden", "--letsencrypt", "ops@example.com", "--mail-host", "smtp.example.com", "--mail-user", "wiki"],
    ],
  ])("%s is valid, and names the keys that the server shows", (_, options) => {
    const text = written("--server", "root@127.0.0.1:18222", "--domain", "wiki.example.com", ...PEOPLE, ...options);
    expect(text).toContain(server.hostKey);
    expect(invalid()).toBe("");
  });
});
