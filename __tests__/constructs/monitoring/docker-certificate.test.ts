import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { assetPath } from "../../../constructs/core/asset";
import { parseEnvironment } from "../../../lib/environment/load";
import { planned } from "../../support/application";
import { TestAuthority } from "../../support/certificates";
import { localText } from "../../support/example";
import { describeUnless, missingProgram } from "../../support/needs";
import { Sandbox } from "../../support/sandbox";

const SCRIPT = assetPath("monitoring/assets/docker-certificate.php");

function planWith(host: string) {
  return planned(parseEnvironment("local", `${localText()}docker: { host: "${host}" }\n`, "local.yaml"));
}

describe("the certificate of Docker", () => {
  test("is looked at where Docker is reached over TLS, and nowhere else", () => {
    const plan = planWith("tcp://203.0.113.10:2376");
    expect(plan.container("local-docker-certificate")).toMatchObject({
      entrypoint: ["php", "/etc/docker-certificate/docker-certificate.php", "run", "203.0.113.10", "2376", "/textfile/docker-certificate.prom"],
      network_mode: "host",
      user: "65534:65534",
    });
    expect(plan.container("local-node-exporter").command).toContain("--collector.textfile.directory=/textfile/docker-certificate");
    expect(() => planWith("ssh://deploy@203.0.113.10").container("local-docker-certificate")).toThrow();
  });
});

describeUnless(missingProgram("php") ?? missingProgram("openssl"), "docker-certificate.php", () => {
  const authority = new TestAuthority();
  let sandbox: Sandbox;
  let server: ChildProcess | undefined;
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => {
    server?.kill();
    server = undefined;
    sandbox.remove();
  });
  afterAll(() => authority.remove());

  const run = (verb: string, port: string) =>
    spawnSync("php", [SCRIPT, verb, "127.0.0.1", port, sandbox.path("docker-certificate.prom")], { encoding: "utf8" }).status;
  const text = () => readFileSync(sandbox.path("docker-certificate.prom"), "utf8");

  /** A server that requires client certificates, as Docker does; its port. */
  async function listening(): Promise<string> {
    const { certificate, key } = authority.issue(["docker.example.com"], { to: 12 });
    const files = { crt: sandbox.file("crt", certificate), key: sandbox.file("key", key), ca: sandbox.file("ca", authority.root.certificate) };
    const code = `const { readFileSync: read } = require("fs"); const s = require("tls").createServer({ cert: read("${files.crt}"), key: read("${files.key}"),
      ca: read("${files.ca}"), requestCert: true, rejectUnauthorized: true }, () => 0); s.on("tlsClientError", () => 0); s.listen(0, "127.0.0.1", () => console.log(s.address().port));`;
    server = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = await once(server.stdout as NodeJS.ReadableStream, "data");
    return String(port).trim();
  }

  test("writes the expiry date, without a client certificate", async () => {
    expect(run("once", await listening())).toBe(0);
    const [, end] = /^docker_certificate_end_timestamp_seconds (\d+)$/m.exec(text()) ?? [];
    expect(Math.round((Number(end) - Date.now() / 1000) / 86_400)).toBe(12);
    expect(run("check", "1")).toBe(0);
  });

  test("writes no value where nothing is shown, also when there was one before: unknown is not good", async () => {
    run("once", await listening());
    expect(run("once", "1")).toBe(0);
    expect(text()).not.toMatch(/^docker_certificate_end/m);
  });
});
