import { Duration } from "../../../constructs/core/duration";
import { ContainerMetrics } from "../../../constructs/monitoring/container-metrics";
import { MysqldExporter } from "../../../constructs/monitoring/mysqld-exporter";
import { NodeExporter, type NodeExporterProps } from "../../../constructs/monitoring/node-exporter";
import { SecretText } from "../../../constructs/secrets/secret";
import { type Block, planOf } from "../../support/plan";

const limits = { memoryMiB: 64 };

describe("NodeExporter", () => {
  const planWith = (props: Partial<NodeExporterProps> = {}) =>
    planOf(({ stack, namespace, image, networks, volumes }) => {
      const textfiles = { backup: volumes.volume("backup-metrics", { owner: "1000:1000" }) };
      new NodeExporter(stack, "NodeExporter", {
        namespace,
        image,
        address: networks.backend.gateway,
        textfiles,
        dockerRoot: "/var/lib/docker",
        limits,
        ...props,
      });
    });
  const node = planWith().container("test-node-exporter");

  test("listens on one address of the host network, as user nobody", () => {
    expect(node).toMatchObject({ network_mode: "host", user: "65534:65534", capabilities: { drop: ["ALL"] }, read_only: true });
    expect(node).not.toHaveProperty("networks_advanced");
    expect(node).not.toHaveProperty("hostname");
    expect(node).not.toHaveProperty("pid_mode");
    expect(node.command).toContain("--web.listen-address=172.30.20.1:9100");
    expect(node.healthcheck.test).toContain("http://172.30.20.1:9100/");
  });

  test("sees the host's root read-only, with what is mounted there later, and what others measured", () => {
    expect(node.mounts).toEqual([
      { type: "bind", source: "/", target: "/host", read_only: true, bind_options: { propagation: "rslave" } },
      { type: "volume", source: expect.stringContaining("Volumes_backup-metrics"), target: "/textfile/backup", read_only: true },
    ]);
    expect(node.command).toContain("--collector.textfile.directory=/textfile/backup");
  });

  test("reads files of the host only where the host writes any", () => {
    const textfiles = (props: Partial<NodeExporterProps>) =>
      planWith(props)
        .container("test-node-exporter")
        .command.filter((arg: string) => arg.includes("textfile.directory"));
    expect(textfiles({})).toHaveLength(1);
    expect(textfiles({ hostTextfiles: "/var/lib/node-exporter/textfile" })).toContain("--collector.textfile.directory=/host/var/lib/node-exporter/textfile");
  });

  test.each(["0.0.0.0", "127.0.0.1"])("refuses to listen at %s", (address) => {
    expect(() => planWith({ address })).toThrow(`address must be that of the host on an internal network, got ${address}`);
  });
});

describe("ContainerMetrics", () => {
  const plan = planOf(({ stack, namespace, image, volumes }) => {
    new ContainerMetrics(stack, "ContainerMetrics", { namespace, image, volumes, dockerRoot: "/srv/docker", interval: Duration.seconds(15), limits });
  });
  const container = plan.container("test-container-metrics");

  test("has no network, no capability, and one volume that it may write", () => {
    expect(container).toMatchObject({ network_mode: "none", capabilities: { drop: ["ALL"] }, read_only: true });
    expect(container.mounts.filter(({ read_only }: Block) => !read_only)).toEqual([expect.objectContaining({ target: "/textfile" })]);
  });

  test("sees what Docker wrote down and the kernel counts, and no socket", () => {
    const sources = container.mounts.filter(({ type }: Block) => type === "bind").map(({ source }: Block) => source);
    expect(sources).toEqual(["/srv/docker/containers", "/sys/fs/cgroup", "/proc"]);
  });

  test("measures the containers of its own environment", () => {
    expect(container.env).toEqual(["CONTAINERS_LABEL=secure-bookstack.namespace=test", "CONTAINERS_SECONDS=15"]);
  });
});

describe("MysqldExporter", () => {
  const plan = planOf(({ stack, namespace, image, networks, secrets }) => {
    new MysqldExporter(stack, "MysqldExporter", {
      namespace,
      image,
      backend: networks.backend,
      databaseNetwork: networks.database,
      database: {
        grantAccess: (client, account) => ({
          host: "bookstack-db",
          address: "172.30.30.10",
          port: 3306,
          user: account,
          password: client.secrets.add(SecretText.password("mysql_exporter_password")),
          ca: client.secrets.add(SecretText.password("database_ca")),
        }),
      },
      secrets,
      limits,
    });
  });
  const exporter = plan.container("test-mysqld-exporter");

  test("reads the database with the account for it, without asking DNS", () => {
    expect(exporter.env).toEqual(expect.arrayContaining(["MYSQL_USER=exporter", "MYSQL_SECRET_FILE=/run/secrets/mysql_exporter_password"]));
    expect(exporter.host).toEqual([{ host: "bookstack-db", ip: "172.30.30.10" }]);
    expect(exporter.networks_advanced).toHaveLength(2);
  });

  test("keeps its password out of its command", () => {
    expect(exporter.entrypoint).toEqual(["sh", "/etc/mysqld-exporter/start.sh"]);
    expect(exporter.command.join(" ")).not.toContain("password");
  });
});
