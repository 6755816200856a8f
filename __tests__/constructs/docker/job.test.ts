import { ConfigFile } from "../../../constructs/core/config-file";
import { Job, type JobProps } from "../../../constructs/docker/job";
import { LABEL } from "../../../constructs/docker/labels";
import { type Block, planOf, type TestContext } from "../../support/plan";

function planWith(props: Partial<JobProps> = {}, use: (job: Job, context: TestContext) => void = () => undefined) {
  return planOf((context) => {
    const { stack, namespace, image } = context;
    const job = new Job(stack, "Job", {
      namespace,
      image,
      name: "task",
      user: "0:0",
      entrypoint: ["sh", "/etc/job/run.sh"],
      network: "none",
      memoryMiB: 32,
      config: { directory: "/etc/job", files: [ConfigFile.text("run.sh", () => "exit 0")] },
      ...props,
    });
    use(job, context);
  });
}

function label(container: Block, name: string): string {
  return container.labels.find((candidate: Block) => candidate.label === name).value;
}

describe("Job", () => {
  test("runs once, is waited for, and may be removed afterwards", () => {
    expect(planWith().container("test-task")).toMatchObject({ restart: "no", attach: true, logs: true, must_run: false });
  });

  test("is as hardened as a service", () => {
    expect(planWith().container("test-task")).toMatchObject({
      read_only: true,
      capabilities: { drop: ["ALL"] },
      security_opts: ["no-new-privileges=true"],
      memory: 32,
      memory_swap: 32,
    });
  });

  test("fails the apply with its last lines when it ends with anything but 0", () => {
    expect(planWith().container("test-task").lifecycle.postcondition).toEqual([
      { condition: "${self.exit_code == 0}", error_message: "test-task ended with exit code ${self.exit_code}:\n${self.container_logs}" },
    ]);
  });

  test("has no network at all unless it names some", () => {
    expect(planWith().container("test-task")).toMatchObject({ network_mode: "none" });
    expect(planWith().container("test-task")).not.toHaveProperty("networks_advanced");
    const { container } = planOf(({ stack, namespace, image, networks }) => {
      new Job(stack, "Job", {
        namespace,
        image,
        name: "task",
        user: "1:1",
        entrypoint: ["true"],
        network: [{ network: networks.database }],
        memoryMiB: 32,
        config: { directory: "/etc/job", files: [ConfigFile.text("x", () => "x")] },
      });
    });
    expect(container("test-task").networks_advanced).toEqual([{ name: expect.stringContaining("docker_network.Networks_database"), aliases: [] }]);
    expect(container("test-task")).not.toHaveProperty("network_mode");
  });

  test("runs again when a file changes", () => {
    const config = (text: string) => ({ config: { directory: "/etc/job", files: [ConfigFile.text("run.sh", () => text)] } });
    const hash = (text: string) => label(planWith(config(text)).container("test-task"), LABEL.config);
    expect(hash("exit 0")).toBe(hash("exit 0"));
    expect(hash("exit 1")).not.toBe(hash("exit 0"));
  });

  test("runs again when a volume that it fills is new: its label holds the mount points, unknown until then", () => {
    const { container } = planWith({}, (job, { volumes }) => {
      for (const name of ["one", "two"]) job.fill(volumes.volume(name, { owner: "1:1" }).resource, `/volumes/${name}`);
    });
    const task = container("test-task");
    expect(label(task, LABEL.volumes)).toMatch(/^\$\{docker_volume\.Volumes_one_\w+\.mountpoint\},\$\{docker_volume\.Volumes_two_\w+\.mountpoint\}$/);
    expect(task.mounts.slice(1)).toMatchObject([
      { target: "/volumes/one", read_only: false },
      { target: "/volumes/two", read_only: false },
    ]);
  });

  test("waits for what a later mount needs", () => {
    const { container } = planWith({}, (job, { volumes }) => job.mount(volumes.volume("data", { owner: "1:1" }).mountReadOnlyAt("/data")));
    expect(container("test-task").depends_on).toEqual([expect.stringContaining("Job_Config_Carrier"), expect.stringContaining("Volumes_Owners_Container")]);
  });
});
