import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parse } from "yaml";
import { Browser } from "./support/browser";
import { Deployment, docker, killGroup, succeeded, until, WORK } from "./support/deployment";
import { imageOf } from "./support/images";
import { ADDRESS, missingForSecondEngine, SecondEngine } from "./support/second-engine";

const WIKI = new Deployment({ name: "mvc", http: 18_386, https: 18_387, subnets: 241 });
/** The same ports on both: each engine is in its own network. */
const PORTS = { address: "0.0.0.0", http: WIKI.http, https: WIKI.https };
const HOST = "bookstack.wiki.localhost";
const RECORD = `${WIKI.stateFile()}.move`;
const NO_CHANGES = 0;
/** A GIF of one pixel. */
const PICTURE = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");

const missing = missingForSecondEngine();
if (missing !== undefined) process.stderr.write(`skipped: move to another server by one command, ${missing}\n`);

/** Asks both Docker hosts twice a second, without a session. */
class Readers {
  /** Milliseconds of the last answer of each, and of the first answer of the new one. */
  public oldLast = 0;
  public newFirst = 0;
  public both = 0;
  private reading = true;
  private readonly loop: Promise<void>;

  constructor(ca: string) {
    const [old, other] = [new Browser(HOST, WIKI.https, ca), new Browser(HOST, WIKI.https, ca, ADDRESS)];
    this.loop = (async () => {
      while (this.reading) {
        const [atOld, atNew] = await Promise.all([old, other].map((browser) => answers(browser)));
        if (atOld) this.oldLast = Date.now();
        if (atNew && this.newFirst === 0) this.newFirst = Date.now();
        if (atOld && atNew) this.both++;
        await pause(500);
      }
    })();
  }

  public async end(): Promise<void> {
    this.reading = false;
    await this.loop;
  }
}

function answers(browser: Browser): Promise<boolean> {
  return browser.ask("/login", { patience: 5 }).then(
    ({ status }) => status === 200,
    () => false,
  );
}

(missing === undefined ? describe : describe.skip)("npm run move -- <environment> --to <docker host>", () => {
  const engine = new SecondEngine();
  const onNew = (...args: string[]) => succeeded(engine.docker(...args)).trim();
  const left = () =>
    ["container", "volume", "network"].map((kind) =>
      onNew(kind, "ls", "--quiet", ...(kind === "container" ? ["--all"] : []), "--filter", "label=secure-bookstack.namespace=mvc"),
    );
  const target = () => ["--to", engine.ssh, "--host-key", engine.hostKey, "--yes"];
  const step = () => (existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, "utf8")).step : undefined);
  const fileOf = () => parse(readFileSync(join(WORK, "mvc.yaml"), "utf8"));
  /** Sum over the content of every secret. */
  const secrets = (run: (...args: string[]) => string) =>
    run(
      ...["run", "--rm", "--network=none", "--user=0:0", "--entrypoint=sh", "--mount=type=volume,source=mvc-secrets,target=/data,readonly"],
      ...[imageOf("bookstack"), "-c", "cd /data && find . -type f -printf '%p %U:%G %m\\n' -exec sha256sum {} + | sort"],
    );
  /** A program of the new Docker host that has a port of the wiki. */
  const taking = async (script: string): Promise<ChildProcess> => {
    const child = spawn("nsenter", [`--net=/var/run/netns/${engine.namespace}`, process.execPath, "-e", `${script}; setInterval(() => 0, 1000)`], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    await pause(1000);
    return child;
  };
  let ca: string;
  let login: { email: string; password: string };
  let page: string;
  let picture: string;
  let bytes: string;

  const shows = async (browser: Browser) => {
    expect(await browser.signIn(login.email, login.password)).toBe(true);
    expect((await browser.ask(page)).body).toContain("written before the move");
    expect((await browser.ask(picture)).bytes.equals(PICTURE)).toBe(true);
  };

  beforeAll(async () => {
    WIKI.clean();
    WIKI.write({ ports: PORTS });
    await engine.start([]);
    WIKI.variables = engine.agentVariables();
    WIKI.must("deploy");
    ca = WIKI.must("ca");
    login = JSON.parse(WIKI.must("credentials", "--json")).administrator;
    const browser = new Browser(HOST, WIKI.https, ca);
    expect(await browser.signIn(login.email, login.password)).toBe(true);
    const { path, id } = await browser.makePage(await browser.makeBook("Book"), "Page", "<p>written before the move</p>");
    page = path;
    const { body, status } = await browser.send("/images/gallery", { field: "file", name: "dot.gif", bytes: PICTURE }, { uploaded_to: id });
    expect(status).toBe(200);
    picture = new URL(JSON.parse(body).url).pathname;
    bytes = secrets(docker);
  });

  afterAll(async () => {
    WIKI.clean();
    await engine.stop();
  });

  test("refuses a Docker host whose port is taken, before anything is changed", async () => {
    const before = WIKI.containerIds();
    const other = await taking(`require("net").createServer().listen(${WIKI.https})`);
    const { status, stderr } = WIKI.command("move", ...target());
    other.kill();
    expect([status, stderr]).toEqual([1, expect.stringContaining(`the new Docker host: port ${WIKI.https} is taken by node`)]);
    expect(WIKI.containerIds()).toEqual(before);
    expect(left()).toEqual(["", "", ""]);
    expect(step()).toBeUndefined();
  });

  test("lets the old Docker host serve again when the new one cannot start everything", async () => {
    // the check looks at TCP; HTTP/3 is UDP
    const other = await taking(`require("dgram").createSocket("udp4").bind(${WIKI.https})`);
    const { status, output } = await WIKI.commandInBackground("move", ...target());
    other.kill();
    expect([status, output]).toEqual([
      1,
      expect.stringMatching(/The move of mvc failed. It runs on unix:\/\/\/var\/run\/docker.sock as before; it was down for \d+ s/),
    ]);
    process.stderr.write(`a move that failed: ${/it was down for \d+ s/.exec(output)?.[0]}\n`);
    expect(step()).toBe("back");
    await shows(new Browser(HOST, WIKI.https, ca));
    expect(left()).toEqual(["", "", ""]);
    expect(fileOf().docker).toBeUndefined();
    expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(NO_CHANGES);
  });

  test("a killed move is refused by the next deploy, and undone by the next move, which then moves", async () => {
    const child = WIKI.start("move", ...target());
    await until(() => (step() === "switching" && !("mvc-bookstack-db" in WIKI.containerIds())) || child.exitCode !== null, 300, "the old wiki is stopped");
    await killGroup(child);
    const refused = WIKI.command("deploy");
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringContaining("was interrupted while it was switching\n  → npm run move -- mvc --recover   # the old Docker host serves again"),
    ]);
    const readers = new Readers(ca);
    const { status, output } = await WIKI.commandInBackground("move", ...target());
    await until(() => readers.newFirst > 0, 30, "the new Docker host answers");
    await readers.end();
    expect([status, output]).toEqual([0, expect.stringContaining("The interrupted move of mvc is undone. It runs on unix:///var/run/docker.sock.")]);
    const seconds = (readers.newFirst - readers.oldLast) / 1000;
    process.stderr.write(`a move: ${/It was down for \d+ s/.exec(output)?.[0]}; readers waited ${seconds.toFixed(1)} s\n`);
    expect(readers.oldLast).toBeGreaterThan(0);
    expect(readers.both).toBe(0);
    expect(output).toContain(`  ${HOST} → ${ADDRESS}`);
  });

  test("the new Docker host has the page, the upload, the account and the secrets; the state is its own", async () => {
    expect(secrets(onNew)).toBe(bytes);
    await shows(new Browser(HOST, WIKI.https, ca, ADDRESS));
    expect(fileOf().docker).toEqual({ host: engine.ssh, hostKey: engine.hostKey });
    expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(NO_CHANGES);
    expect(step()).toBe("done");
  });

  test("the old Docker host has stopped services that no restart starts, and data, until they are removed", () => {
    const own = ["--filter", "label=secure-bookstack.namespace=mvc"];
    expect(docker("ps", "--quiet", ...own)).toBe("");
    const services = docker("ps", "--all", "--quiet", ...own, "--filter", "label=secure-bookstack.kind=service").split("\n");
    expect(new Set(docker("inspect", "--format", "{{.HostConfig.RestartPolicy.Name}}", ...services).split("\n"))).toEqual(new Set(["no"]));
    expect(docker("volume", "ls", "--quiet", ...own)).toContain("mvc-secrets");
    WIKI.must("move", "--remove-old", "--yes");
    expect(WIKI.onEngine()).toEqual([]);
  });
});
