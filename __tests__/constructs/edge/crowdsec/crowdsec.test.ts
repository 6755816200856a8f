import { parse } from "yaml";
import { exemptionsOf } from "../../../../constructs/core/exemption";
import { CrowdSec, type CrowdSecProps } from "../../../../constructs/edge/crowdsec/crowdsec";
import { SecretText } from "../../../../constructs/secrets/secret";
import { planOf, type TestContext } from "../../../support/plan";

const NAME = "test-crowdsec";

function planWith(props: Partial<CrowdSecProps> = {}, more: (context: TestContext, crowdsec: CrowdSec) => void = () => undefined) {
  return planOf((context) => {
    const { stack, namespace, image, networks, volumes, secrets } = context;
    const crowdsec = new CrowdSec(stack, "CrowdSec", {
      namespace,
      image,
      volumes,
      secrets,
      networks: [{ network: networks.proxy }, { network: networks.backend }],
      logs: {
        traefik: { volume: volumes.volume("traefik-logs", { owner: "65532:65532" }), file: "access.log" },
        mysql: { volume: volumes.volume("database-logs", { owner: "999:999" }), file: "error.log", group: 999 },
      },
      trusted: ["10.0.0.0/24"],
      limits: { memoryMiB: 512 },
      ...props,
    });
    more(context, crowdsec);
  });
}

describe("CrowdSec", () => {
  const plan = planWith();

  test("reads logs and can write none of them", () => {
    const { mounts, group_add, capabilities } = plan.container(NAME);
    expect(mounts.map(({ target, read_only }: Record<string, unknown>) => [target, read_only])).toEqual([
      ["/config", true],
      ["/run/secrets", true],
      ["/var/lib/crowdsec/data", false],
      ["/logs/mysql", true],
      ["/logs/traefik", true],
    ]);
    expect({ group_add, capabilities }).toEqual({ group_add: ["999"], capabilities: { drop: ["ALL"] } });
    expect(parse(plan.file(NAME, "etc/acquis.d/mysql.yaml"))).toMatchObject({ filenames: ["/logs/mysql/error.log"], labels: { type: "mysql" } });
  });

  test("is root without a capability, and says why", () => {
    expect(plan.container(NAME).user).toBe("0:0");
    expect(exemptionsOf(plan.stack).find(({ path }) => path.endsWith("/CrowdSec"))).toMatchObject({ rule: "non-root" });
  });

  test("asks nothing of the internet unless it is enrolled", () => {
    expect(plan.container(NAME).env).toEqual(["NO_HUB_UPGRADE=true"]);
    expect(plan.file(NAME, "start.sh")).toMatch(/^DISABLE_ONLINE_API=true$/m);
    expect(plan.file("test-secrets", "manifest")).not.toContain("crowdsec_enroll_key");
    const enrolled = planWith({ enrollKey: SecretText.password("crowdsec_enroll_key") });
    expect(enrolled.file("test-secrets", "manifest")).toContain("give\tcrowdsec_enroll_key\tcrowdsec\t0:0\n");
    expect(enrolled.file("test-crowdsec", "enroll.sh")).toContain("attachment_key");
  });

  test("never bans the subnets of its networks, where no others are named", () => {
    expect(planWith({ trusted: undefined }).file(NAME, "trusted")).toBe("172.30.10.0/24\n172.30.20.0/24\n");
  });

  test("never bans a trusted network, by a list for its own alerts and one for the community's", () => {
    expect(plan.file(NAME, "trusted")).toBe("10.0.0.0/24\n");
    expect(parse(plan.file(NAME, "etc/parsers/s02-enrich/trusted.yaml"))).toHaveProperty("whitelist.cidr", ["10.0.0.0/24"]);
  });

  test("hands the key of the edge over as a file, the same to both", () => {
    let path = "";
    const { file } = planWith({}, ({ secrets }, crowdsec) => {
      path = crowdsec.bouncerKey(secrets.directory("edge", "65532:65532")).path;
    });
    expect(path).toBe("/run/secrets/bouncer_key_traefik");
    expect(file("test-secrets", "manifest").split("\n")).toEqual(
      expect.arrayContaining([
        "create\tbouncer_key_traefik\tpassword\t32\t-",
        "give\tbouncer_key_traefik\tcrowdsec\t0:0",
        "give\tbouncer_key_traefik\tedge\t65532:65532",
      ]),
    );
  });

  test("looks at requests only when asked to", () => {
    let hosts: (string | undefined)[] = [];
    const appsec = planWith({ appsec: true }, (_, crowdsec) => {
      hosts = [crowdsec.lapiHost, crowdsec.metricsAddress, crowdsec.appsecHost];
    });
    expect(hosts).toEqual(["crowdsec:8080", "crowdsec:6060", "crowdsec:7422"]);
    expect(parse(appsec.file(NAME, "etc/acquis.d/appsec.yaml"))).toMatchObject({ source: "appsec" });
    expect(() => plan.file(NAME, "etc/acquis.d/appsec.yaml")).toThrow(/has no file/);
  });

  test("reads the host's log of sign-ins by its directory, as the group that may", () => {
    const host = planWith({ hostLog: { path: "/var/log/auth.log" } });
    expect(host.container(NAME)).toMatchObject({ group_add: ["4", "999"] });
    expect(host.container(NAME).mounts).toContainEqual({ type: "bind", source: "/var/log", target: "/logs/host", read_only: true });
    expect(parse(host.file(NAME, "etc/acquis.d/host.yaml"))).toMatchObject({ filenames: ["/logs/host/auth.log"], labels: { type: "syslog" } });
    expect(exemptionsOf(host.stack).map(({ rule }) => rule)).toContain("no-host-paths");
  });

  test("refuses to run without a log, and to be enrolled without a way out", () => {
    expect(() => planWith({ logs: {} })).toThrow(/logs must name at least one/);
    expect(() =>
      planOf(({ stack, namespace, image, networks, volumes, secrets }) => {
        const logs = { traefik: { volume: volumes.volume("logs", { owner: "1:1" }), file: "access.log" } };
        const shared = { namespace, image, volumes, secrets, logs, trusted: [], limits: { memoryMiB: 512 } };
        new CrowdSec(stack, "CrowdSec", { ...shared, networks: [{ network: networks.backend }], enrollKey: SecretText.password("crowdsec_enroll_key") });
      }),
    ).toThrow(/asks the internet/);
  });
});
