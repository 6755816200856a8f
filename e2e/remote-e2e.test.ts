import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { Checkout } from "../__tests__/support/checkout";
import { Deployment, docker, succeeded } from "./support/deployment";
import { imagesHere } from "./support/images";
import { naming } from "./support/naming";
import { ADDRESS, missingForSecondEngine, SecondEngine, SSH_PORT } from "./support/second-engine";
import { StartPage, typedIn } from "./support/start-page";

/** On a separate engine, so that addresses and ports do not conflict. */
const WIKI = new Deployment({ name: "rmt", http: 18_085, https: 18_435, subnets: 235 });
/** Ends a plan that found nothing to do. */
const NO_CHANGES = 0;

const missing = missingForSecondEngine();
if (missing !== undefined) process.stderr.write(`skipped: a second engine, ${missing}\n`);

(missing === undefined ? describe : describe.skip)("a Docker engine on another machine", () => {
  const engine = new SecondEngine();
  /** Names of what has to run. */
  let expected: readonly string[];

  const at = (place: Readonly<Record<string, string>>, more: object = {}) => WIKI.write({ docker: place, ...more });
  const plan = () => WIKI.command("plan", "--detailed-exitcode");
  const services = () => engine.docker("ps", "--format", "{{.Names}}", "--filter", "health=healthy").stdout.trim().split("\n").sort();
  const byKey = () => {
    WIKI.variables = engine.agentVariables();
    at({ host: engine.ssh, hostKey: engine.hostKey });
  };
  const byCertificate = (more: object = {}) => at({ host: engine.tcp, certificates: engine.certificatesOf("client") }, more);

  beforeAll(async () => {
    WIKI.clean();
    const { containers } = WIKI.summary();
    expected = containers
      .filter(({ kind }) => kind === "service")
      .map(({ name }) => name)
      .sort();
    await engine.start([...new Set(containers.map(({ image }) => image))]);
    WIKI.variables = engine.agentVariables();
  });

  afterAll(async () => {
    WIKI.clean();
    await engine.stop();
    for (const ending of ["", ".backup"]) rmSync(`${WIKI.stateFile()}${ending}`, { force: true });
  });

  describe("the page from zero to a running wiki", () => {
    const page = new StartPage();
    let checkout: Checkout;
    /** Words of the page → what they are here. */
    const here = (line: string) =>
      line
        .replace("ssh deploy@203.0.113.10", `ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -p ${SSH_PORT} root@${ADDRESS}`)
        .replace(/( \/etc\/ssh\/ssh_host_\w+_key\.pub)+$/, ` ${engine.hostKeyFile}`);
    const run = (line: string) => succeeded(typedIn(here(line), checkout.directory, engine.agentVariables()));

    beforeAll(() => {
      checkout = Checkout.whole();
    });

    afterAll(() => {
      run("npm run destroy -- production --with-data production");
      checkout.remove();
    });

    test("is followed to its end: every command that needs neither a fresh server nor the internet", () => {
      const answers = new Map<string, string>();
      for (const { line, elsewhere } of page.commands({ fresh: false })) {
        if (elsewhere !== undefined) {
          process.stderr.write(`not run: ${line}, ${elsewhere}\n`);
          continue;
        }
        if (line === "npm start -- production") checkout.file("environments/production.yaml", environment(answers));
        answers.set(line, run(line));
      }
      expect(answers.get("npm run deploy -- production")).toContain("Every container is healthy.");
      expect(answers.get("npm run verify -- production --attack")).toMatch(/^ok {7}ban /m);
      expect(answers.get("npm run credentials -- production")).toMatch(/alice {2}alice@example\.com {2}\w{20,}/);
      expect([...answers.keys()]).toEqual(expect.arrayContaining(["ssh deploy@203.0.113.10 docker version", "npm run plan -- production"]));
    });

    /** The file of the page, for this server: its address and key, no name on the internet, the images that are here, and those alone. */
    function environment(answers: ReadonlyMap<string, string>): string {
      const { dns: _, host: __, ...written } = page.environment();
      const [hostKey] = page.hostKeys(answers);
      const changed = { domain: "wiki.localhost", production: false, docker: { host: engine.ssh, hostKey } };
      return JSON.stringify({
        ...written,
        ...changed,
        tls: { issuer: "local" },
        ports: { address: ADDRESS },
        monitoring: { enabled: false },
        images: imagesHere().overrides,
      });
    }
  });

  describe("over SSH", () => {
    test("gets the whole wiki, and nothing of it is on this one", () => {
      byKey();
      succeeded(WIKI.command("deploy"));
      expect(services()).toEqual(expected);
      expect(docker("ps", "--all", "--quiet", "--filter", "label=secure-bookstack.namespace=rmt")).toBe("");
    });

    test("has nothing to do afterwards", () => {
      expect(plan()).toMatchObject({ status: NO_CHANGES });
    });

    test("is asked through shared connections: a server that lets three in at once is enough", () => {
      expect(engine.logins()).toBeGreaterThan(0);
      expect(engine.logins()).toBeLessThan(12);
    });

    test("answers commands that read from it", () => {
      expect(JSON.parse(WIKI.must("credentials", "--json")).users).toEqual([
        expect.objectContaining({ name: "demo", password: expect.stringMatching(/^\w{20,}$/) }),
      ]);
    });

    test("is refused when it shows another key, by our commands and by Terraform alone", () => {
      at({ host: engine.ssh, hostKey: engine.otherKey });
      expect(lines(plan())).toEqual([
        `the Docker host ${engine.ssh} shows another SSH key than docker.hostKey`,
        expect.stringMatching(/^ {2}→ compare with \/etc\/ssh\/ssh_host_ed25519_key\.pub on the machine itself/),
      ]);
      expect(alone().stdout).toMatch(/Host key verification failed/);
    });
  });

  describe("over TLS", () => {
    test("is the same: nothing to do for what was made over SSH", () => {
      byCertificate();
      expect(plan()).toMatchObject({ status: NO_CHANGES });
    });

    test("gets a change, and has nothing to do afterwards", () => {
      byCertificate({ database: { slowQuery: "2s" } });
      succeeded(WIKI.command("deploy"));
      expect(plan()).toMatchObject({ status: NO_CHANGES });
      expect(services()).toEqual(expected);
    });

    test("takes certificates as variables, too", () => {
      at({ host: engine.tcp }, { database: { slowQuery: "2s" } });
      WIKI.variables = engine.certificateVariables();
      expect(plan()).toMatchObject({ status: NO_CHANGES });
    });

    test("refuses who shows no certificate that it knows", () => {
      at({ host: engine.tcp, certificates: engine.certificatesOf("stranger") });
      expect(lines(plan())[0]).toEqual(naming(engine.tcp, "not accept", "certificate"));
      expect(alone().status).toBe(1);
    });

    test("is refused when it shows a certificate of another authority", () => {
      at({ host: engine.tcp, certificates: engine.certificatesOf("deceived") });
      expect(lines(plan())[0]).toEqual(naming(engine.tcp, "certificate", "ca.pem"));
      expect(alone().stdout).toMatch(/certificate signed by unknown authority/);
    });
  });

  /** Terraform in the stack's own folder, past what our commands check. */
  function alone(): SpawnSyncReturns<string> {
    WIKI.must("start");
    const args = ["plan", "-input=false", "-lock=false", "-no-color"];
    const { stderr, ...ended } = spawnSync("terraform", args, { cwd: WIKI.stackDirectory(), encoding: "utf8", env: { ...process.env, ...WIKI.variables } });
    return { ...ended, stderr, stdout: `${ended.stdout}${stderr}`.replace(/\n[│ ]*/g, " ") };
  }
});

/** Output of a refused command: a line with the problem, and one with the remedy. */
function lines({ status, stderr }: SpawnSyncReturns<string>): string[] {
  expect(status).toBe(1);
  const messages = stderr.trim().split("\n");
  expect(messages).toHaveLength(2);
  return messages;
}
