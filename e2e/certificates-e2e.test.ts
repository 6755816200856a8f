import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes, X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect, type DetailedPeerCertificate } from "node:tls";
import { type Made, TestAuthority } from "../__tests__/support/certificates";
import { describeUnless, missingProgram } from "../__tests__/support/needs";
import type { Credentials } from "../lib/cli/commands/credentials";
import { ADDRESS, DOOR_CA, PORTS } from "./support/another-issuer";
import { Deployment, docker, succeeded, until, WORK } from "./support/deployment";
import { Visitor } from "./support/portal";

const DOMAIN = "wiki.acme.example.com";
const trial = new Deployment({ name: "acm", subnets: 219, http: 18_182, https: 18_144, entry: join(__dirname, "support", "another-issuer.ts") });
const EDGE = trial.container("traefik");
const PLACE = join(WORK, "issuer");
/** The API token of the DNS provider. */
const TOKEN = `token-${randomBytes(16).toString("hex")}`;

function write(tls: object): void {
  trial.write({
    domain: DOMAIN,
    tls,
    signOn: {},
    users: [{ name: "demo", displayName: "Demo", email: "demo@acme.example.com", groups: ["admin"] }],
    wiki: { admin: { email: "first@acme.example.com" } },
  });
}

interface Shown {
  readonly certificate: X509Certificate;
  /** Certificates that the server sent, each as PEM. */
  readonly chain: readonly string[];
}

/** What the edge shows for a name, without a check. */
function shown(host: string): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: trial.https, servername: host, rejectUnauthorized: false }, () => {
      const chain: string[] = [];
      for (let sent: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true); sent !== undefined; ) {
        chain.push(new X509Certificate(sent.raw).toString());
        sent = sent.issuerCertificate === sent ? undefined : sent.issuerCertificate;
      }
      resolve({ certificate: new X509Certificate(socket.getPeerCertificate().raw), chain });
      socket.end();
    });
    socket.on("error", reject);
  });
}

const serial = async () => (await shown(`bookstack.${DOMAIN}`).catch(() => undefined))?.certificate.serialNumber;

beforeAll(() => {
  trial.clean();
  mkdirSync(PLACE, { recursive: true });
});

afterAll(() => {
  trial.clean();
  rmSync(PLACE, { recursive: true, force: true });
});

describe("a provided certificate (tls.issuer: files)", () => {
  const company = new TestAuthority();
  const first = company.issue([`*.${DOMAIN}`]);
  const second = company.issue([`*.${DOMAIN}`]);
  const serialOf = ({ certificate }: Made) => new X509Certificate(certificate).serialNumber;

  function store(chain: string, key: string) {
    const files = Object.entries({ "fullchain.pem": chain, "privkey.pem": key }).map(([name, text]) => {
      writeFileSync(join(PLACE, name), text);
      return join(PLACE, name);
    });
    return trial.command("certificate", ...files);
  }

  beforeAll(() => {
    write({ issuer: "files", ca: company.root.certificate });
    expect(succeeded(store(company.chain(first), first.key))).toContain("Next: npm run deploy -- acm");
    trial.must("deploy");
  });

  afterAll(() => company.remove());

  test.each(["bookstack", "auth", "traefik"])("is shown for %s, with all between it and the authority", async (name) => {
    expect((await shown(`${name}.${DOMAIN}`)).chain).toEqual([first.certificate, company.intermediate.certificate]);
  });

  test("lets users sign in: the wiki trusts the authority when it asks the portal", async () => {
    const visitor = new Visitor({ domain: DOMAIN, port: trial.https, ca: company.root.certificate });
    const credentials = (): Credentials => JSON.parse(trial.must("credentials", "--json"));
    expect(await visitor.firstFactor("demo", credentials().users[0]?.password ?? "")).toBe(200);
    expect(await visitor.secondFactor(await visitor.enrol(() => credentials().message ?? ""))).toBe(200);
    const { status, url } = await visitor.visit(visitor.url("bookstack", "/books"));
    expect([status, url]).toEqual([200, visitor.url("bookstack", "/books")]);
  });

  test.each([
    ["the key of another certificate", () => store(company.chain(first), second.key), "the key is not that of the first certificate"],
    ["another name", () => store(...pairOf(company.issue(["wiki.example.net"]))), `the certificate is not for bookstack.${DOMAIN}`],
    ["one that has ended", () => store(...pairOf(company.issue([`*.${DOMAIN}`], { from: -9, to: -1 }))), "the certificate ended on"],
  ])("%s is refused, and the old one stays", async (_, attempt, reason) => {
    const { status, stderr } = attempt();
    expect([status, stderr]).toEqual([1, expect.stringContaining(reason)]);
    docker("restart", EDGE);
    // until its files are read, Traefik presents its built-in certificate
    await until(async () => (await serial()) === serialOf(first), 60, "the edge shows the old one again");
  });

  test("is renewed by new files, without a deploy", async () => {
    const { [EDGE]: before } = trial.containerIds();
    expect(succeeded(store(company.chain(second), second.key))).toContain("acm uses it now.");
    await until(async () => (await serial()) === serialOf(second), 60, "the new one is shown");
    expect(trial.containerIds()[EDGE]).toBe(before);
    expect(trial.command("plan", "--detailed-exitcode").status).toBe(0);
  });

  function pairOf(made: Made): [string, string] {
    return [company.chain(made), made.key];
  }
});

describeUnless(missingProgram("pebble"), "a certificate of a real issuer (Pebble, Let's Encrypt's own test server)", () => {
  const started: ChildProcess[] = [];
  let zone = "";

  beforeAll(startIssuer);

  afterAll(() => {
    for (const program of started) program.kill();
  });

  function begin(program: string, args: readonly string[], env: NodeJS.ProcessEnv, heard: (text: string) => void): void {
    const child = spawn(program, args, { cwd: PLACE, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => heard(String(chunk)));
    started.push(child);
  }

  async function startIssuer(): Promise<void> {
    const key = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "door.key", "-out", "door.pem", "-days", "2", "-subj", "/CN=door"];
    succeeded(spawnSync("openssl", [...key, "-addext", `subjectAltName=IP:${ADDRESS}`], { cwd: PLACE, encoding: "utf8" }));
    const pebble = {
      listenAddress: `${ADDRESS}:${PORTS.issuer}`,
      managementListenAddress: `${ADDRESS}:${PORTS.roots}`,
      certificate: "door.pem",
      privateKey: "door.key",
      httpPort: 5002,
      tlsPort: 5001,
    };
    writeFileSync(join(PLACE, "pebble.json"), JSON.stringify({ pebble }));
    const zoneArgs = [require.resolve("./support/zone-stand-in.js"), DOMAIN.replace(/^wiki\./, ""), ADDRESS, `${PORTS.api}`, `${PORTS.dns}`, TOKEN];
    begin(process.execPath, zoneArgs, {}, (text) => (zone += text));
    let output = "";
    const words = ["-config", "pebble.json", "-dnsserver", `${ADDRESS}:${PORTS.dns}`];
    begin("pebble", words, { PEBBLE_VA_NOSLEEP: "1" }, (text) => (output += text));
    await until(() => zone.includes("listening") && output.includes("Listening on"), 20, "issuer and zone listen");
  }

  /** Stores the secret of the DNS provider, deploys, and lets Traefik trust the CA of the issuer's API. */
  function deploy(secret: string, challenge: object, more: object = {}): void {
    write({ issuer: "letsencrypt", email: "ops@acme.example.com", challenge, ...more });
    succeeded(trial.commandWith(TOKEN, "secret", secret));
    trial.must("deploy");
    const words = ["exec", "--interactive", EDGE, "sh", "-c", `cat >${DOOR_CA}`];
    succeeded(spawnSync("docker", words, { input: readFileSync(`${PLACE}/door.pem`) as never, encoding: "utf8" }));
    docker("restart", EDGE);
  }

  const isSigned = async () => (await shown(`bookstack.${DOMAIN}`).catch(() => undefined))?.certificate.issuer.includes("Pebble Intermediate") ?? false;
  const count = (word: "made" | "gone") => zone.split("\n").filter((line) => line.startsWith(`${word} `)).length;
  const showsNoSecret = () => {
    const { stdout, stderr } = spawnSync("docker", ["logs", EDGE], { encoding: "utf8" });
    return ![docker("inspect", EDGE), docker("top", EDGE), stdout, stderr].some((text) => text.includes(TOKEN));
  };

  describe("proved at Cloudflare", () => {
    beforeAll(() => {
      const variables = [`CLOUDFLARE_BASE_URL=http://${ADDRESS}:${PORTS.api}/client/v4`];
      deploy("cloudflare_dns_token", { variables, resolvers: [`${ADDRESS}:${PORTS.dns}`], checks: "resolvers" });
    });

    test("is ordered, proved by a record in the zone, and shown for every name", async () => {
      await until(isSigned, 90, "the edge shows a certificate of the issuer");
      for (const host of ["bookstack", "auth", "traefik"]) {
        const { certificate } = await shown(`${host}.${DOMAIN}`);
        const { namedCurve } = certificate.publicKey.asymmetricKeyDetails ?? {};
        expect([host, certificate.checkHost(`${host}.${DOMAIN}`), namedCurve]).toEqual([host, `${host}.${DOMAIN}`, "prime256v1"]);
      }
      expect(zone).toContain(`made _acme-challenge.bookstack.${DOMAIN}\n`);
    });

    test("leaves no record behind", async () => {
      await until(() => count("gone") === count("made"), 30, "the records are deleted");
    });

    test("is kept: a start asks for no other", async () => {
      const before = await serial();
      const orders = zone.length;
      docker("restart", EDGE);
      await until(async () => (await serial()) === before, 60, "the same certificate is shown");
      expect(zone.length).toBe(orders);
    });

    test("took a token that is in no environment, label or log", () => {
      expect(showsNoSecret()).toBe(true);
    });
  });

  describe("proved at another DNS provider of Traefik's (httpreq)", () => {
    const DELAY = 4;
    let since = 0;

    beforeAll(() => {
      since = zone.length;
      const variables = [`HTTPREQ_ENDPOINT=http://${ADDRESS}:${PORTS.api}/httpreq`, "HTTPREQ_USERNAME=wiki"];
      const challenge = {
        provider: "httpreq",
        variables,
        secrets: ["HTTPREQ_PASSWORD"],
        resolvers: [`${ADDRESS}:${PORTS.dns}`],
        delay: `${DELAY}s`,
        checks: "none",
      };
      // the staging CA has a separate store, so that everything is ordered again
      deploy("dns_httpreq_password", challenge, { staging: true });
    });

    test("is ordered after the delay, with the password from its file", async () => {
      const before = await serial();
      await until(() => zone.slice(since).includes("made "), 60, "a record is made");
      const made = Date.now();
      await until(() => zone.slice(since).includes("gone "), 60, "the record is deleted");
      expect(Date.now() - made).toBeGreaterThanOrEqual((DELAY - 1) * 1000);
      await until(async () => (await isSigned()) && (await serial()) !== before, 60, "the edge shows another certificate of the issuer");
      expect(showsNoSecret()).toBe(true);
    });
  });
});
