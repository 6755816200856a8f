import { parse } from "yaml";
import { Duration } from "../../../constructs/core/duration";
import { Alertmanager, type AlertmanagerProps } from "../../../constructs/monitoring/alertmanager";
import { SecretText } from "../../../constructs/secrets/secret";
import { type Block, planOf } from "../../support/plan";

function planWith(props: Partial<AlertmanagerProps> = {}) {
  return planOf(({ stack, namespace, image, networks, volumes, secrets }) => {
    new Alertmanager(stack, "Alertmanager", {
      namespace,
      image,
      network: networks.backend,
      position: 21,
      out: networks.proxy,
      volumes,
      secrets,
      groupInterval: Duration.parse("5m"),
      repeat: Duration.parse("4h"),
      limits: { memoryMiB: 128 },
      ...props,
    });
  });
}

const MAIL = { to: "ops@example.com", from: "wiki@example.com", host: "smtp.example.com", port: 587, tls: true };
const WEBHOOK = SecretText.provided("alert_webhook_url");
const configuration = (props: Partial<AlertmanagerProps>) => parse(planWith(props).file("test-alertmanager", "alertmanager.yml"));
const networks = (props: Partial<AlertmanagerProps>) =>
  planWith(props)
    .container("test-alertmanager")
    .networks_advanced.map(({ name }: Block) => /Networks_([a-z]+)_/.exec(name)?.[1]);

describe("Alertmanager", () => {
  test("has internet access only with external receivers", () => {
    expect(networks({})).toEqual(["backend"]);
    for (const props of [{ mail: MAIL }, { webhook: WEBHOOK }, { deadMan: WEBHOOK }]) expect(networks(props)).toEqual(["proxy", "backend"]);
  });

  test("sends no message without receivers", () => {
    expect(configuration({}).receivers).toEqual([{ name: "people" }, { name: "dead-man" }]);
  });

  test("writes to people by mail, with the password from a file", () => {
    const mail = { ...MAIL, user: "wiki", password: SecretText.provided("smtp_password") };
    expect(configuration({ mail }).receivers[0].email_configs[0]).toMatchObject({
      to: "ops@example.com",
      from: "wiki@example.com",
      smarthost: "smtp.example.com:587",
      require_tls: true,
      auth_username: "wiki",
      auth_password_file: "/run/secrets/smtp_password",
      send_resolved: true,
    });
    expect(configuration({ mail: { ...MAIL, tls: false } }).receivers[0].email_configs[0]).toMatchObject({ require_tls: false });
    expect(configuration({ mail: MAIL }).receivers[0].email_configs[0]).not.toHaveProperty("auth_username");
  });

  test("greets the mail server with its own name, and accepts the operator's own CA", () => {
    const plan = planWith({ mail: { ...MAIL, helo: "auth.example.com", ca: "-----BEGIN CERTIFICATE-----\n" } });
    const [mail] = parse(plan.file("test-alertmanager", "alertmanager.yml")).receivers[0].email_configs;
    expect(mail).toMatchObject({ hello: "auth.example.com", tls_config: { ca_file: "/etc/alertmanager/mail.pem" } });
    expect(plan.file("test-alertmanager", "mail.pem")).toBe("-----BEGIN CERTIFICATE-----\n");
    expect(configuration({ mail: MAIL }).receivers[0].email_configs[0]).not.toHaveProperty("tls_config");
  });

  test("calls URLs that it reads from files: they are secrets", () => {
    const { receivers } = configuration({ webhook: WEBHOOK, deadMan: SecretText.provided("alert_dead_man_url") });
    expect(receivers).toEqual([
      { name: "people", webhook_configs: [{ url_file: "/run/secrets/alert_webhook_url", send_resolved: true }] },
      { name: "dead-man", webhook_configs: [{ url_file: "/run/secrets/alert_dead_man_url", send_resolved: false }] },
    ]);
  });

  test("says things once, again after a while, and the dead man's switch each minute", () => {
    expect(configuration({ groupInterval: Duration.seconds(5), repeat: Duration.parse("12h") }).route).toEqual({
      receiver: "people",
      group_by: ["alertname"],
      group_wait: "5s",
      group_interval: "5s",
      repeat_interval: "43200s",
      routes: [{ matchers: ['alertname="Watchdog"'], receiver: "dead-man", group_wait: "0s", group_interval: "1m", repeat_interval: "1m" }],
    });
    expect(configuration({}).route).toMatchObject({ group_wait: "30s", group_interval: "300s", repeat_interval: "14400s" });
  });

  test("inhibits alerts that follow from another alert", () => {
    const rules: Block[] = configuration({}).inhibit_rules;
    expect(rules).toContainEqual({ source_matchers: ['alertname="TargetDown"'], target_matchers: ['alertname!="TargetDown"'], equal: ["job"] });
    for (const cause of ["ContainerDown", "ContainerMissing"]) {
      expect(rules).toContainEqual({ source_matchers: [`alertname="${cause}"`], target_matchers: ['alertname="TargetDown"'], equal: ["container"] });
    }
    expect(rules).toContainEqual({ source_matchers: ['alertname="MetricsUnreadable"'], target_matchers: ['alertname=~".+Unknown"'], equal: ["job"] });
    // the switch belongs to no job, and is never held back
    expect(rules.every(({ target_matchers }) => !target_matchers.some((matcher: string) => matcher.includes("Watchdog")))).toBe(true);
  });

  test("asks no other instance, and takes no port of the host", () => {
    const { command, ports } = planWith().container("test-alertmanager");
    expect(command).toContain("--cluster.listen-address=");
    expect(ports).toBeUndefined();
  });

  test("refuses an account without a password, and a way out that is none", () => {
    expect(() => planWith({ mail: { ...MAIL, user: "wiki" } })).toThrow("mail.password is needed with mail.user, and only then");
    const blind = () =>
      planOf(({ stack, namespace, image, networks: { backend }, volumes, secrets }) => {
        const common = { namespace, image, volumes, secrets, groupInterval: Duration.seconds(5), repeat: Duration.seconds(60), limits: { memoryMiB: 128 } };
        new Alertmanager(stack, "Alertmanager", { ...common, network: backend, position: 21, out: backend });
      });
    expect(blind).toThrow("out must be a network with a route out, got backend");
  });
});
