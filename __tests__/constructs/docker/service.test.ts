import { ConfigFile } from "../../../constructs/core/config-file";
import { Duration } from "../../../constructs/core/duration";
import { LABEL } from "../../../constructs/docker/labels";
import { Service, type ServiceProps } from "../../../constructs/docker/service";
import { type Block, planOf } from "../../support/plan";

function planWith(props: Partial<ServiceProps> = {}) {
  return planOf(({ stack, namespace, image, networks }) => {
    new Service(stack, "Service", {
      namespace,
      image,
      name: "thing",
      user: "1000:1000",
      networks: [{ network: networks.backend }],
      memoryMiB: 64,
      healthCheck: { command: ["true"] },
      ...props,
    });
  });
}

function serviceWith(props: Partial<ServiceProps> = {}): Block {
  return planWith(props).container("test-thing");
}

function label(container: Block, name: string): string {
  return container.labels.find((candidate: Block) => candidate.label === name).value;
}

describe("Service", () => {
  test("cannot write, gain privileges or swap by default", () => {
    expect(serviceWith()).toMatchObject({
      read_only: true,
      init: true,
      user: "1000:1000",
      capabilities: { drop: ["ALL"] },
      security_opts: ["no-new-privileges=true"],
      memory: 64,
      memory_swap: 64,
      cpu_period: 100_000,
      cpu_quota: 100_000,
      restart: "always",
      destroy_grace_seconds: 30,
      log_driver: "json-file",
      log_opts: { "max-size": "10m", "max-file": "3" },
    });
  });

  test("asks no DNS server where it has no route out: a question can carry data", () => {
    expect(serviceWith().dns).toEqual(["127.0.0.1"]);
    const attached = (...names: readonly ("proxy" | "backend")[]) =>
      planOf(({ stack, namespace, image, networks }) => {
        const common = { namespace, image, name: "thing", user: "1000:1000", memoryMiB: 64, healthCheck: { command: ["true"] } };
        new Service(stack, "Service", { ...common, networks: names.map((name) => ({ network: networks[name] })) });
      }).container("test-thing");
    expect(attached("proxy", "backend")).not.toHaveProperty("dns");
    expect(serviceWith({ networks: "none" })).not.toHaveProperty("dns");
  });

  test("publishes no port, mounts nothing and has no capability by default", () => {
    const container = serviceWith();
    expect(container).not.toHaveProperty("ports");
    expect(container.mounts).toEqual([]);
    expect(container.capabilities).not.toHaveProperty("add");
  });

  test("is called by its name on each network, by the network's id", () => {
    const { container, resources } = planOf(({ stack, namespace, image, networks }) => {
      new Service(stack, "Service", {
        namespace,
        image,
        name: "thing",
        user: "1:1",
        networks: [{ network: networks.backend, position: 7, aliases: ["thing.example"] }, { network: networks.database }],
        memoryMiB: 64,
        healthCheck: { command: ["true"] },
      });
    });
    const [backend, database] = ["test-backend", "test-database"].map((name) =>
      Object.keys(resources.docker_network ?? {}).find((id) => resources.docker_network?.[id]?.name === name),
    );
    expect(container("test-thing")).toMatchObject({
      hostname: "thing",
      networks_advanced: [
        { name: `\${docker_network.${backend}.id}`, aliases: ["thing", "thing.example"], ipv4_address: "172.30.20.7" },
        { name: `\${docker_network.${database}.id}`, aliases: ["thing"] },
      ],
    });
  });

  test.each(["none", "host"] as const)("has the network %s instead of others", (networks) => {
    const service = serviceWith({ networks });
    expect(service).toMatchObject({ network_mode: networks });
    expect(service).not.toHaveProperty("networks_advanced");
    // on the host's own network its name is the host's
    expect(service.hostname).toBe(networks === "host" ? undefined : "thing");
  });

  test("keeps the capabilities that are named, in the form in which the engine gives them back", () => {
    const capabilities = [
      { name: "CAP_SETUID", reason: "test" },
      { name: "CAP_CHOWN", reason: "test" },
    ] as const;
    expect(serviceWith({ capabilities }).capabilities).toEqual({ drop: ["ALL"], add: ["CAP_CHOWN", "CAP_SETUID"] });
  });

  test("counts parts of a processor", () => {
    expect(serviceWith({ cpus: 0.25 }).cpu_quota).toBe(25_000);
  });

  test("writes the health check as the engine gives it back", () => {
    expect(serviceWith({ healthCheck: { command: ["curl", "-f"], startPeriod: Duration.seconds(90) } }).healthcheck).toEqual({
      test: ["CMD", "curl", "-f"],
      interval: "10s",
      timeout: "5s",
      retries: 3,
      start_period: "1m30s",
    });
  });

  test("is waited for longer than its health check may take", () => {
    const { wait, wait_timeout } = serviceWith({
      healthCheck: { command: ["true"], startPeriod: Duration.seconds(60), interval: Duration.seconds(5), timeout: Duration.seconds(1), retries: 4 },
    });
    expect(wait).toBe(true);
    expect(wait_timeout).toBeGreaterThan(60 + 4 * (5 + 1));
  });

  test("gets the time it needs to end, from the engine and from the provider", () => {
    expect(serviceWith({ stopGraceSeconds: 120, stopSignal: "SIGQUIT" })).toMatchObject({
      stop_timeout: 120,
      destroy_grace_seconds: 120,
      stop_signal: "SIGQUIT",
    });
  });

  test("reads its files from a volume that is complete before it starts", () => {
    const { container, all } = planWith({ config: { directory: "/etc/thing", files: [ConfigFile.text("thing.conf", () => "x")] } });
    const configContainer = all("docker_container").find(({ name }) => name.startsWith("test-thing-config-"));
    expect(container("test-thing").mounts).toEqual([{ type: "volume", source: configContainer?.name, target: "/etc/thing", read_only: true }]);
    expect(container("test-thing").depends_on).toEqual([expect.stringMatching(/^docker_container\.Service_Config_Carrier_/)]);
    expect(label(container("test-thing"), LABEL.config)).toBe(configContainer?.name.slice("test-thing-config-".length));
  });

  test("waits for what comes before it, once each", () => {
    const { container } = planOf(({ stack, namespace, image, networks, volumes }) => {
      const common = { namespace, image, user: "1:1", networks: [{ network: networks.backend }], memoryMiB: 64, healthCheck: { command: ["true"] } };
      const data = volumes.volume("data", { owner: "1:1" });
      const logs = volumes.volume("logs", { owner: "1:1" });
      const first = new Service(stack, "First", { ...common, name: "first" });
      new Service(stack, "Second", { ...common, name: "second", after: [first], mounts: [data.mountAt("/data"), logs.mountReadOnlyAt("/logs")] });
    });
    const { depends_on, mounts } = container("test-second");
    expect(depends_on).toHaveLength(2);
    expect(depends_on).toEqual([expect.stringContaining("Volumes_Owners"), expect.stringContaining("First")]);
    expect(mounts).toMatchObject([
      { target: "/data", read_only: false },
      { target: "/logs", read_only: true },
    ]);
  });

  // the provider ignores a change of these: a label that changes with them replaces the container
  test.each<[string, Partial<ServiceProps>]>([
    ["tmpfs", { tmpfs: { "/tmp": { sizeMiB: 1 } } }],
    ["the health check", { healthCheck: { command: ["false"] } }],
    ["the processors", { cpus: 2 }],
  ])("is replaced when %s changes", (_, props) => {
    expect(label(serviceWith(props), LABEL.settings)).not.toBe(label(serviceWith(), LABEL.settings));
  });

  test("is not replaced when only its memory changes", () => {
    expect(label(serviceWith({ memoryMiB: 128 }), LABEL.settings)).toBe(label(serviceWith(), LABEL.settings));
  });

  test("gets variables in the order of their names", () => {
    expect(serviceWith({ environment: { B: 1, A: "x" } }).env).toEqual(["A=x", "B=1"]);
  });

  test.each<[Partial<ServiceProps>, string]>([
    [{ name: "Thing" }, 'name must be a host name of lower-case letters, digits and "-", got "Thing"'],
    [{ user: "root" }, 'user must be uid:gid in numbers, got "root"'],
    [{ user: "1000" }, 'user must be uid:gid in numbers, got "1000"'],
    [{ networks: [] }, 'networks must name at least one network, or be "none"'],
    [{ memoryMiB: 8 }, "memoryMiB must be 16 or more, got 8"],
  ])("refuses %j", (props, reason) => {
    expect(() => serviceWith(props)).toThrow(reason);
  });

  test("says everything that is wrong at once", () => {
    expect(() => serviceWith({ user: "me", memoryMiB: 1 })).toThrow(/uid:gid.*memoryMiB/s);
  });
});
