import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localEnvironment } from "../__tests__/support/example";
import { describeUnless, missingProgram, ROOT } from "../__tests__/support/needs";
import { Docker } from "../lib/clients/docker/docker";
import type { Environment } from "../lib/environment/schema";
import { check } from "../lib/operations/verify/checks/docker-tls";
import { PublicProbe } from "../lib/operations/verify/public-probe";
import type { Target } from "../lib/operations/verify/target";
import { naming } from "./support/naming";
import { ADDRESS, missingForSecondEngine, SecondEngine } from "./support/second-engine";

/** Days that the certificates of the second engine last. */
const DAYS = 2;

describeUnless(missingForSecondEngine(), "a real Docker engine that listens with TLS", () => {
  const engine = new SecondEngine();
  beforeAll(() => engine.start([]));
  afterAll(() => engine.stop());

  /** What the check docker-tls finds for an environment with this number of days, at this engine. */
  async function found(certificateDays: number, host = engine.tcp): Promise<readonly string[]> {
    const local = localEnvironment();
    const environment: Environment = {
      ...local,
      docker: { host, certificates: engine.certificatesOf("client") },
      alerts: { ...local.alerts, thresholds: { ...local.alerts.thresholds, certificateDays } },
    };
    const outside = new PublicProbe({ environment, host: "bookstack.wiki.localhost", authority: () => "none" });
    const findings = await check.run({ environment, outside, now: () => new Date() } as unknown as Target);
    return findings.map(({ problem, unknown }) => `${unknown ? "unknown: " : ""}${problem}`);
  }

  test("answers with the certificates of docker.certificates", () => {
    expect(() => new Docker({ host: engine.tcp, certificates: engine.certificatesOf("client") }).require()).not.toThrow();
  });

  test("passes the check docker-tls while its certificates last", async () => {
    expect(await found(DAYS - 1)).toEqual([]);
  });

  test("fails it with each certificate that ends soon", async () => {
    expect(await found(DAYS + 1)).toEqual([naming("certificate of the Docker host", "1 day"), naming("cert.pem", "1 day"), naming("ca.pem", "1 day")]);
  });

  test("is unknown to the check where no engine listens", async () => {
    expect(await found(1, `tcp://${ADDRESS}:2377`)).toEqual([`unknown: tcp://${ADDRESS}:2377 shows no certificate`]);
  });

  describeUnless(missingProgram("php"), "measured for Prometheus", () => {
    test("ends when its certificate says, and has no value where no engine listens", () => {
      const directory = mkdtempSync(join(tmpdir(), "docker-tls-"));
      const measured = (port: string) => {
        const file = join(directory, "docker-certificate.prom");
        const { status } = spawnSync("php", [join(ROOT, "constructs/monitoring/assets/docker-certificate.php"), "once", ADDRESS, port, file]);
        expect(status).toBe(0);
        return /^docker_certificate_end_timestamp_seconds (\d+)$/m.exec(readFileSync(file, "utf8"))?.[1];
      };
      expect(measured("2376")).toBe(`${Date.parse(new X509Certificate(engine.shownCertificate()).validTo) / 1000}`);
      expect(measured("2377")).toBeUndefined();
      rmSync(directory, { recursive: true });
    });
  });
});
