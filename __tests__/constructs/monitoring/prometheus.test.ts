import { parse } from "yaml";
import { ByteSize } from "../../../constructs/core/byte-size";
import { Duration } from "../../../constructs/core/duration";
import { Prometheus, type PrometheusProps } from "../../../constructs/monitoring/prometheus";
import { LEAST } from "../../support/alerts";
import { planOf } from "../../support/plan";

const ALERTS = LEAST;

function planWith(props: Partial<PrometheusProps> = {}, use: (prometheus: Prometheus) => void = (prometheus) => prometheus.scrape("host", HOST)) {
  return planOf(({ stack, namespace, image, networks, volumes }) => {
    const prometheus = new Prometheus(stack, "Prometheus", {
      namespace,
      image,
      network: networks.backend,
      position: 20,
      hosts: { "node-exporter": networks.backend.gateway },
      volumes,
      retentionDays: 15,
      retentionSize: ByteSize.parse("2G"),
      alerts: ALERTS,
      limits: { memoryMiB: 512 },
      ...props,
    });
    use(prometheus);
  });
}

const HOST = { metricsAddress: "node-exporter:9100" };
const configuration = (plan: ReturnType<typeof planWith>) => parse(plan.file("test-prometheus", "prometheus.yml"));

describe("Prometheus", () => {
  const plan = planWith({}, (prometheus) => {
    prometheus.scrape("traefik", { metricsAddress: "traefik:8080" });
    prometheus.scrape("host", HOST);
    prometheus.notify({ metricsAddress: "alertmanager:9093" });
  });

  test("reads each source at its address, whatever the order in which they came", () => {
    expect(configuration(plan).scrape_configs).toEqual([
      { job_name: "host", static_configs: [{ targets: ["node-exporter:9100"] }] },
      { job_name: "traefik", static_configs: [{ targets: ["traefik:8080"] }] },
    ]);
  });

  test("sends alerts to Alertmanager, with the name of the environment", () => {
    expect(configuration(plan)).toMatchObject({
      global: { scrape_interval: "15s", evaluation_interval: "15s", external_labels: { environment: "test" } },
      alerting: { alertmanagers: [{ static_configs: [{ targets: ["alertmanager:9093"] }] }] },
    });
    expect(configuration(planWith())).not.toHaveProperty("alerting");
  });

  test("is on one internal network, at an address that stays, and has no port of the host", () => {
    const { networks_advanced, ports, host } = plan.container("test-prometheus");
    expect(networks_advanced).toEqual([{ name: expect.stringContaining("Networks_backend"), aliases: ["prometheus"], ipv4_address: "172.30.20.20" }]);
    expect(ports).toBeUndefined();
    expect(host).toEqual([{ host: "node-exporter", ip: "172.30.20.1" }]);
    planWith({}, (prometheus) => {
      expect([prometheus.url, prometheus.metricsAddress]).toEqual(["http://172.30.20.20:9090", "prometheus:9090"]);
      prometheus.scrape("host", HOST);
    });
  });

  test("keeps samples for as long as asked, in as much room as asked", () => {
    const { command, stop_timeout } = planWith({ retentionDays: 3, retentionSize: ByteSize.parse("512M") }).container("test-prometheus");
    expect(command).toEqual(expect.arrayContaining(["--storage.tsdb.retention.time=3d", "--storage.tsdb.retention.size=536870912B"]));
    expect(command.join(" ")).not.toMatch(/enable-(lifecycle|admin-api)|remote-write-receiver/);
    // it writes what it holds in memory
    expect(stop_timeout).toBe(60);
  });

  test("has its own rules beside its configuration", () => {
    const { groups } = parse(plan.file("test-prometheus", "alerts.yml"));
    expect(groups.map(({ name }: { name: string }) => name)).toEqual(["certificates", "containers", "database", "host", "security", "monitoring", "wiki"]);
    expect(configuration(plan).rule_files).toEqual(["/etc/prometheus/alerts.yml", "/etc/prometheus/recordings.yml"]);
  });

  test.each<[Partial<PrometheusProps>, string]>([
    [{ retentionDays: 0 }, "retentionDays must be 1 or more, got 0"],
    [{ alerts: { ...ALERTS, interval: Duration.parse("500ms") } }, "alerts.interval must be 1 s or more, got 500ms"],
    [{ alerts: { ...ALERTS, window: Duration.seconds(20) } }, "alerts.window must hold two reads at least, got 20s and one every 15s"],
  ])("refuses %#", (props, reason) => {
    expect(() => planWith(props)).toThrow(reason);
  });

  test("refuses a second source of one name, a source without a port, and a second receiver", () => {
    const using = (use: (prometheus: Prometheus) => void) => () => planWith({}, use);
    const twice = using((prometheus) => {
      prometheus.scrape("host", HOST);
      prometheus.scrape("host", HOST);
    });
    expect(twice).toThrow('job "host" is taken; give the second source another name');
    expect(using((prometheus) => prometheus.scrape("host", { metricsAddress: "http://host" }))).toThrow(
      'job "host" must be read at host:port, got "http://host"',
    );
    const both = using((prometheus) => [1, 2].map(() => prometheus.notify(HOST)));
    expect(both).toThrow("an Alertmanager is already configured");
  });

  test("refuses to read nothing", () => {
    expect(() => planWith({}, () => undefined)).toThrow("reads no source; call scrape() at least once");
  });
});
