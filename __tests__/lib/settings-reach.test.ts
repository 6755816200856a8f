import { parse } from "yaml";
import { parseEnvironment } from "../../lib/environment/load";
import { WikiStack } from "../../lib/wiki-stack";
import { localText } from "../support/example";
import { hardenedEnvironment } from "../support/host-parts";
import { read, testApp } from "../support/plan";

/** A stack whose environment file says `monitoring` as well. */
function stackWith(monitoring: string) {
  const environment = parseEnvironment("local", `${localText()}monitoring: ${monitoring}\n`, "local.yaml");
  return read(new WikiStack(testApp(), environment));
}

describe("a setting of the monitoring reaches every file that depends on it", () => {
  test("monitoring.interval: Prometheus reads, and Grafana draws, at that distance", () => {
    const plan = stackWith("{ interval: 1m }");
    expect(parse(plan.file("local-prometheus", "prometheus.yml")).global).toMatchObject({ scrape_interval: "60s", evaluation_interval: "60s" });
    expect(parse(plan.file("local-grafana", "provisioning/datasources/prometheus.yaml")).datasources[0].jsonData.timeInterval).toBe("60s");
  });

  test("monitoring.dockerRoot: no mount below it is a disk of the host", () => {
    const plan = stackWith("{ dockerRoot: /srv/docker/data }");
    const excluded = plan.container("local-node-exporter").command.find((word: string) => word.includes("mount-points-exclude"));
    expect(excluded).toContain("|srv/docker/data/.+|");
    expect(excluded).not.toContain("var/lib/docker/");
    expect(plan.container("local-container-metrics").mounts).toContainEqual(expect.objectContaining({ source: "/srv/docker/data/containers" }));
  });

  test("monitoring.dockerRoot: the parts of a hardened host look there, too", () => {
    const environment = hardenedEnvironment();
    const stack = new WikiStack(testApp(), { ...environment, monitoring: { ...environment.monitoring, dockerRoot: "/srv/docker/data" } });
    expect(stack.host?.script("fail2ban")).toContain("/srv/docker/data/volumes/hard-database-logs/_data/error.log");
    expect(stack.host?.script("auditd")).toContain("-F dir=/srv/docker/data -F perm=wa");
    // what asks the engine itself may name the default, for a host without one
    const lines = (stack.host?.names() ?? []).flatMap((name) => (stack.host?.script(name) ?? "").split("\n"));
    expect(lines.filter((line) => line.includes("/var/lib/docker") && !line.includes("docker info"))).toEqual([]);
  });
});
