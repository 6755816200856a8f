import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes, X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { describeUnless, missingProgram } from "../__tests__/support/needs";
import { ADDRESS, DOOR_CA, PORTS } from "./support/another-issuer";
import { Deployment, docker, succeeded, until, WORK } from "./support/deployment";

const DOMAIN = "wiki.acme.example.com";
const TOKEN = `token-${randomBytes(16).toString("hex")}`;
const trial = new Deployment({ name: "acm", subnets: 219, http: 18_182, https: 18_144, entry: join(__dirname, "support", "another-issuer.ts") });
const PLACE = join(WORK, "issuer");

describeUnless(missingProgram("pebble"), "a certificate of a real issuer (Pebble, Let's Encrypt's own test server)", () => {
  const started: ChildProcess[] = [];
  let zone = "";

  beforeAll(async () => {
    trial.clean();
    trial.write({
      domain: DOMAIN,
      tls: {
        issuer: "letsencrypt",
        email: "ops@acme.example.com",
        challenge: {
          variables: [`CLOUDFLARE_BASE_URL=http://${ADDRESS}:${PORTS.api}/client/v4`],
          resolvers: [`${ADDRESS}:${PORTS.dns}`],
          checks: "resolvers",
        },
      },
      users: [{ name: "demo", displayName: "Demo", email: "demo@acme.example.com", groups: ["admin"] }],
      wiki: { admin: { email: "first@acme.example.com" } },
    });
    succeeded(trial.commandWith(TOKEN, "secret", "cloudflare_dns_token"));
    trial.must("deploy");
    mkdirSync(PLACE, { recursive: true });
    await startIssuer();
    // its door is known from now on
    succeeded(
      spawnSync("docker", ["exec", "--interactive", trial.container("traefik"), "sh", "-c", `cat >${DOOR_CA}`], {
        input: readFileSync(`${PLACE}/door.pem`) as never,
        encoding: "utf8",
      }),
    );
    docker("restart", trial.container("traefik"));
  });

  afterAll(() => {
    for (const program of started) program.kill();
    trial.clean();
    rmSync(PLACE, { recursive: true, force: true });
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
    let said = "";
    const words = ["-config", "pebble.json", "-dnsserver", `${ADDRESS}:${PORTS.dns}`];
    begin("pebble", words, { PEBBLE_VA_NOSLEEP: "1" }, (text) => (said += text));
    await until(() => zone.includes("listening") && said.includes("Listening on"), 20, "issuer and zone listen");
  }

  /** What the edge shows for a name, without a check. */
  function shown(host: string): Promise<X509Certificate> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port: trial.https, servername: host, rejectUnauthorized: false }, () => {
        resolve(new X509Certificate(socket.getPeerCertificate().raw));
        socket.end();
      });
      socket.on("error", reject);
    });
  }

  test("is ordered, proved by a record in the zone, and shown for every name", async () => {
    const signed = async () => (await shown(`bookstack.${DOMAIN}`).catch(() => undefined))?.issuer.includes("Pebble Intermediate") ?? false;
    await until(signed, 90, "the edge shows a certificate of the issuer");
    for (const host of ["bookstack", "auth", "traefik"]) {
      const certificate = await shown(`${host}.${DOMAIN}`);
      expect([host, certificate.checkHost(`${host}.${DOMAIN}`), certificate.publicKey.asymmetricKeyDetails?.namedCurve]).toEqual([
        host,
        `${host}.${DOMAIN}`,
        "prime256v1",
      ]);
    }
    expect(zone).toContain(`made _acme-challenge.bookstack.${DOMAIN}\n`);
  });

  test("leaves no record behind", async () => {
    const lines = () => zone.split("\n");
    await until(
      () => lines().filter((line) => line.startsWith("gone ")).length === lines().filter((line) => line.startsWith("made ")).length,
      30,
      "the records are gone",
    );
  });

  test("is kept: a start asks for no other", async () => {
    const before = (await shown(`bookstack.${DOMAIN}`)).serialNumber;
    const orders = zone.length;
    docker("restart", trial.container("traefik"));
    const again = async () => (await shown(`bookstack.${DOMAIN}`).catch(() => undefined))?.serialNumber === before;
    await until(again, 60, "the same certificate is shown");
    expect(zone.length).toBe(orders);
  });

  test("took a token that is in no environment, label or log", () => {
    const name = trial.container("traefik");
    const { stdout, stderr } = spawnSync("docker", ["logs", name], { encoding: "utf8" });
    expect([docker("inspect", name).includes(TOKEN), docker("top", name).includes(TOKEN), `${stdout}${stderr}`.includes(TOKEN)]).toEqual([false, false, false]);
  });
});
