import { LEAST } from "../../support/alerts";
import { planned } from "../../support/application";
import { exampleEnvironment, localEnvironment } from "../../support/example";

const local = planned(localEnvironment());
const production = planned(exampleEnvironment());

describe("the monitoring of an environment", () => {
  test("reads what a hardened host sees, and raises alerts about it; elsewhere neither", () => {
    const directories = (plan: typeof local, name: string) =>
      plan.container(`${name}-node-exporter`).command.filter((arg: string) => arg.includes("textfile.directory"));
    expect(directories(production, "production")).toContain("--collector.textfile.directory=/host/var/lib/node-exporter/textfile");
    expect(production.file("production-prometheus", "alerts.yml")).toContain("alert: HostDrift");
    expect(directories(local, "local").join()).not.toContain("/host/var");
    expect(local.file("local-prometheus", "alerts.yml")).not.toContain("alert: HostDrift");
  });

  test("starts what listens on the gateway of a network after that network", () => {
    const [network] = local.container("local-prometheus").networks_advanced.map(({ name }: { name: string }) => /docker_network\.\w+/.exec(name)?.[0]);
    expect(network).toMatch(/_backend_/);
    expect(local.container("local-node-exporter").depends_on).toContain(network);
  });

  test("is left out when it is not wanted", () => {
    const environment = localEnvironment();
    const plan = planned({ ...environment, monitoring: { ...environment.monitoring, enabled: false } });
    const names = plan.all("docker_container").map(({ name }) => name);
    expect(names.filter((name) => /prometheus|grafana|alertmanager|exporter|metrics/.test(name))).toEqual([]);
    expect(plan.file("local-traefik", "dynamic/routes.yml")).not.toContain("grafana");
  });

  test("counts the clock in seconds", () => {
    expect(LEAST.thresholds.clockSeconds).toBe(0.1);
  });
});
