import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { localText } from "../__tests__/support/example";
import { describeUnless } from "../__tests__/support/needs";
import { read, testApp } from "../__tests__/support/plan";
import { parseEnvironment } from "../lib/environment/load";
import { WikiStack } from "../lib/stack/wiki-stack";
import { docker, succeeded, until } from "./support/deployment";
import { imageOf, imagesHere } from "./support/images";
import { ExternalServers } from "./support/outside";

const [NETWORK, SMTP, OPERATOR, PASSWORD] = ["alm-network", "smtp.outside.test", "ops@outside.test", "open-sesame-1"];
const missing = imagesHere().missingForMonitoring.includes("alertmanager") ? "no image of alertmanager" : undefined;

/** Alertmanager with the files of the plan, and nothing else of a wiki. */
class AlertmanagerAlone {
  constructor(
    private readonly name: string,
    private readonly mail: object,
  ) {}

  public start(): void {
    const text = `${localText()}\nmail: ${JSON.stringify(this.mail)}\nalerts: { email: ${OPERATOR}, groupInterval: 1s }\n`;
    const files = read(new WikiStack(testApp(), parseEnvironment("alm", text, "alm.yaml"))).files();
    const own = files.filter(({ container }) => container === "alm-alertmanager").map(({ path, text: content }) => [`etc/alertmanager/${path}`, content]);
    const folder = mkdtempSync(join(tmpdir(), "alert-mail-"));
    for (const [path = "", content = ""] of [...own, ["run/secrets/smtp_password", PASSWORD]]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const command = ["--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager", "--cluster.listen-address="];
    docker("create", "--name", this.name, "--network", NETWORK, "--entrypoint", "/bin/alertmanager", imageOf("alertmanager"), ...command);
    succeeded(spawnSync("sh", ["-c", `chmod -R a+rX ${folder} && docker cp ${folder}/. ${this.name}:/`], { encoding: "utf8" }));
    rmSync(folder, { recursive: true });
    docker("start", this.name);
  }

  public alert(): Promise<void> {
    const alert = [{ labels: { alertname: "DiskFull", environment: "alm" }, annotations: { summary: "the disk is full" } }];
    const post = ["exec", this.name, "wget", "-q", "-O", "-", "--header=Content-Type: application/json", `--post-data=${JSON.stringify(alert)}`];
    return until(() => spawnSync("docker", [...post, "http://127.0.0.1:9093/api/v2/alerts"]).status === 0, 30, "Alertmanager takes an alert");
  }

  public log(): string {
    const { stdout, stderr } = spawnSync("docker", ["logs", this.name], { encoding: "utf8" });
    return stdout + stderr;
  }

  public remove(): void {
    spawnSync("docker", ["rm", "--force", "--volumes", this.name], { stdio: "ignore" });
  }
}

describeUnless(missing, "alerts by a mail server with a private CA (mail.ca)", () => {
  const outside = new ExternalServers("alm-outside", [SMTP]);
  const mail = { host: SMTP, user: "wiki", from: "wiki@outside.test", ca: outside.ca };
  const knows = new AlertmanagerAlone("alm-knows", mail);
  const other = new ExternalServers("alm-other", [SMTP]);
  const knowsAnother = new AlertmanagerAlone("alm-knows-another", { ...mail, ca: other.ca });
  const tls = new AlertmanagerAlone("alm-tls", { ...mail, port: 465 });
  const all = [knows, knowsAnother, tls];

  beforeAll(async () => {
    clean();
    docker("network", "create", "--subnet", "10.245.9.0/26", NETWORK);
    outside.start(NETWORK, imageOf("bookstack"), "10.245.9.40");
    for (const each of all) each.start();
  });

  afterAll(() => {
    clean();
    outside.clean();
    other.clean();
  });

  function clean(): void {
    for (const each of all) each.remove();
    outside.stop();
    spawnSync("docker", ["network", "rm", NETWORK], { stdio: "ignore" });
  }

  test.each([
    ["STARTTLS", knows],
    ["TLS from the start", tls],
  ])("arrive by %s, with the account, and greet with the name of the portal", async (_, alertmanager) => {
    const before = outside.mails(OPERATOR).length;
    await alertmanager.alert();
    await until(() => outside.mails(OPERATOR).length > before, 40, "the mail");
    expect(outside.mails(OPERATOR).at(-1)).toMatchObject({
      encrypted: true,
      helo: "auth.wiki.localhost",
      from: "wiki@outside.test",
      user: "wiki",
      password: createHash("sha256").update(PASSWORD).digest("hex"),
      subject: "[FIRING] alm: DiskFull",
    });
  });

  test("are not sent to a server of another authority", async () => {
    const before = outside.mails(OPERATOR).length;
    await knowsAnother.alert();
    await until(() => knowsAnother.log().includes("certificate signed by unknown authority"), 40, "the refusal");
    expect(outside.mails(OPERATOR)).toHaveLength(before);
    expect(knowsAnother.log()).not.toContain(PASSWORD);
  });
});
