import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { TerraformStack } from "cdktf";
import { setCluster } from "../../../constructs/core/cluster";
import { ConfigFile } from "../../../constructs/core/config-file";
import { Subnet } from "../../../constructs/core/subnet";
import { DataVolumes } from "../../../constructs/docker/data-volumes";
import { ContainerImage } from "../../../constructs/docker/image";
import { Networks } from "../../../constructs/docker/networks";
import { Service, type ServiceProps } from "../../../constructs/docker/service";
import { checkPolicy } from "../../../constructs/policy";
import { SecretText } from "../../../constructs/secrets/secret";
import { VolumeSecretStore } from "../../../constructs/secrets/volume-store";
import { type Block, read, testApp } from "../../support/plan";

interface Parts {
  readonly volumes: DataVolumes;
  readonly secrets: VolumeSecretStore;
}

/** Plan of a service that scales on a cluster with two nodes for it. */
function onCluster(props: (parts: Parts) => Partial<ServiceProps> = () => ({})) {
  const stack = new TerraformStack(testApp(), "test");
  new DockerProvider(stack, "Docker");
  new NullProvider(stack, "Null");
  setCluster(stack, { replicas: 2, storage: "/srv/wiki", labels: { replica: "wiki.replica", zone: "wiki.zone" } });
  const namespace = "test";
  const image = new ContainerImage(stack, "Image", { reference: "image:1.2.3" });
  const subnets = { proxy: Subnet.parse("172.30.10.0/24"), backend: Subnet.parse("172.30.20.0/24"), database: Subnet.parse("172.30.30.0/24") };
  const networks = new Networks(stack, "Networks", { namespace, subnets });
  const volumes = new DataVolumes(stack, "Volumes", { namespace, image });
  volumes.volume("anything", { owner: "1:1" });
  const secrets = new VolumeSecretStore(stack, "Secrets", { namespace, image, manager: { endpoint: "unix:///run/docker.sock", version: 1 } });
  const directory = secrets.directory("other", "1:1");
  directory.add(SecretText.password("other"));
  new Service(stack, "Service", {
    namespace,
    image,
    name: "thing",
    user: "1000:1000",
    networks: [{ network: networks.backend }],
    memoryMiB: 64,
    healthCheck: { command: ["true"] },
    entrypoint: ["serve"],
    config: { directory: "/etc/thing", files: [ConfigFile.text("thing.conf", () => "a: 1\n")] },
    scales: true,
    ...props({ volumes, secrets }),
  });
  const plan = read(stack);
  return { ...plan, service: plan.all("docker_service")[0] as Block, problems: () => checkPolicy(stack) };
}

const task = (service: Block) => service.task_spec;
const container = (service: Block) => service.task_spec.container_spec;

describe("a service that scales, in a cluster", () => {
  test("has one replica on each labelled node, which are replaced one after the other", () => {
    const { service } = onCluster();
    expect(service).toMatchObject({ name: "test-thing", mode: { replicated: { replicas: 2 } }, endpoint_spec: { mode: "dnsrr" } });
    expect(task(service).placement).toMatchObject({ constraints: ["node.labels.wiki.replica==true"], max_replicas: 1 });
    expect(service.update_config).toMatchObject({ parallelism: 1, order: "stop-first", failure_action: "rollback" });
  });

  test("is as hardened as a container: the policy judges it by the same rules", () => {
    const { service, problems } = onCluster();
    expect(problems()).toEqual([]);
    expect(container(service)).toMatchObject({ read_only: true, init: true, cap_drop: ["ALL"], user: "1000:1000" });
    expect(container(service).command).toEqual(["sh", "/etc/cluster/start-replica.sh", "serve"]);
  });

  test("would be refused by the policy with a root that it can write, or without a limit of memory", () => {
    const { stack, problems } = onCluster();
    const resource = stack.node.findAll().find(({ node }) => node.path.endsWith("Replicas/Resource"));
    (resource as unknown as Block).addOverride("task_spec.container_spec.read_only", false);
    (resource as unknown as Block).addOverride("task_spec.resources.limits.memory_bytes", 0);
    // the exemption from memory-limited is about swap: without any limit nothing else would say it
    expect(problems()).toEqual([expect.stringContaining("breaks read-only-root")]);
  });

  test("writes names and durations as the provider gives them back, or every plan would change it", () => {
    const { service } = onCluster(() => ({ stopGraceSeconds: 30 }));
    expect(task(service).networks_advanced).toEqual([{ id: expect.stringMatching(/^\$\{docker_network\..*\.id\}$/), aliases: ["thing"] }]);
    expect(container(service).healthcheck).toMatchObject({ interval: "10s", start_period: "30s" });
  });

  test("reads its files from Raft, each with the hash of its text in its name", () => {
    const { all, service } = onCluster();
    const names = all("docker_config").map(({ name }) => name);
    expect(names).toEqual([
      expect.stringMatching(/^test-thing-[0-9a-f]{12}-start-replica\.sh$/),
      expect.stringMatching(/^test-thing-[0-9a-f]{12}-thing\.conf$/),
    ]);
    expect(container(service).configs.map((config: Block) => config.file_name)).toEqual(["/etc/cluster/start-replica.sh", "/etc/thing/thing.conf"]);
  });

  test("has its secrets from Raft by their ids; no value is in the plan", () => {
    const { json, service } = onCluster(({ secrets }) => {
      const directory = secrets.directory("thing", "1000:1000");
      directory.add(SecretText.password("thing_password"));
      return { mounts: [directory] };
    });
    expect(container(service).secrets).toEqual([
      expect.objectContaining({ file_name: "thing_password", file_uid: "1000", file_mode: 0o400, secret_id: expect.stringContaining("container_logs") }),
    ]);
    expect(json).not.toContain('"docker_secret"');
  });

  test("mounts only what every node has", () => {
    const { service, volume } = onCluster(({ volumes }) => ({ mounts: [volumes.volume("uploads", { owner: "1000:1000", shared: true }).mountAt("/uploads")] }));
    const options = { type: "none", o: "bind", device: "/srv/wiki/uploads" };
    expect(volume("test-uploads").driver_opts).toEqual(options);
    expect(container(service).mounts).toEqual([
      expect.objectContaining({ target: "/uploads", volume_options: expect.objectContaining({ driver_options: options }) }),
    ]);
    expect(() => onCluster(({ volumes }) => ({ mounts: [volumes.volume("uploads", { owner: "1000:1000" }).mountAt("/uploads")] }))).toThrow(
      "thing mounts a volume at /uploads that other hosts do not have; make it shared, or let the service run once",
    );
  });

  test("writes to memory with the owner and size of a container, which a tmpfs mount of a service cannot have", () => {
    const { service } = onCluster(() => ({ tmpfs: { "/run/thing": { sizeMiB: 4, owner: 1000, mode: "0750" } } }));
    expect(container(service).mounts).toEqual([
      {
        type: "volume",
        target: "/run/thing",
        read_only: false,
        volume_options: {
          driver_name: "local",
          driver_options: { type: "tmpfs", device: "tmpfs", o: "rw,noexec,nosuid,nodev,size=4m,uid=1000,gid=1000,mode=0750" },
          no_copy: true,
        },
      },
    ]);
  });
});

describe("networks of a cluster", () => {
  test("span the nodes, and give out no address of the half with the fixed ones", () => {
    const { all } = onCluster();
    const backend = all("docker_network").find(({ name }) => name === "test-backend");
    if (backend === undefined) throw new Error("no network");
    expect(backend).toMatchObject({ driver: "overlay", attachable: true, internal: true });
    expect(backend.ipam_config).toEqual([{ subnet: "172.30.20.0/24", gateway: "172.30.20.1", ip_range: "172.30.20.128/25" }]);
    expect(backend).not.toHaveProperty("options");
  });
});
