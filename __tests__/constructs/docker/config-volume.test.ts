import { ConfigFile } from "../../../constructs/core/config-file";
import { ConfigVolume } from "../../../constructs/docker/config-volume";
import { Service } from "../../../constructs/docker/service";
import { type Block, planOf } from "../../support/plan";

/** Two services with a file each, as Terraform would see them. */
function planWith(texts: Readonly<Record<"first" | "second", string>>) {
  return planOf(({ stack, namespace, image, networks }) => {
    for (const [name, text] of Object.entries(texts)) {
      new Service(stack, name, {
        namespace,
        image,
        name,
        user: "1:1",
        networks: [{ network: networks.backend }],
        memoryMiB: 64,
        healthCheck: { command: ["true"] },
        config: { directory: "/etc/it", files: [ConfigFile.text("it.conf", () => text), ConfigFile.text("sub/other.conf", () => "same")] },
      });
    }
  });
}

type Plan = ReturnType<typeof planWith>;

function configContainerOf(plan: Plan, service: string): Block | undefined {
  return plan.all("docker_container").find(({ name }) => name.startsWith(`test-${service}-config-`));
}

/** Everything in the plan whose address begins with the id of a service. */
function partOf(plan: Plan, service: string): object {
  return Object.values(plan.resources).map((blocks) => Object.entries(blocks).filter(([address]) => address.startsWith(`${service}_`)));
}

describe("ConfigVolume", () => {
  const plan = planWith({ first: "1", second: "${HOME} 100%{x}" });

  test("is filled by a config container that never runs and has no network", () => {
    expect(configContainerOf(plan, "first")).toMatchObject({
      start: false,
      must_run: false,
      network_mode: "none",
      restart: "no",
      user: "65534:65534",
      upload: [
        { file: "/config/it.conf", content: "1", permissions: "0444" },
        { file: "/config/sub/other.conf", content: "same", permissions: "0444" },
      ],
    });
  });

  test("delivers text that Terraform would take for its own", () => {
    expect(configContainerOf(plan, "second")?.upload[0].content).toBe("$${HOME} 100%%{x}");
    expect(plan.file("test-second", "it.conf")).toBe("${HOME} 100%{x}");
  });

  test("is another instance with other files, so that the old ones stay until the new ones are there", () => {
    const configContainer = configContainerOf(plan, "first");
    const volume = plan.volume(configContainer?.name);
    expect(configContainer?.for_each).toBe(`\${toset(["${configContainer?.name.slice(-12)}"])}`);
    expect(volume.for_each).toBe(configContainer?.for_each);
    expect(configContainer?.depends_on).toEqual([expect.stringMatching(/^docker_volume\.first_Config_Volume_\w+$/)]);
  });

  test("has an address at which Terraform can deliver the files only", () => {
    planOf(({ stack, namespace, image }) => {
      const config = new ConfigVolume(stack, "Config", { namespace, image, name: "x", files: [ConfigFile.text("a", () => "1")] });
      const instance = `\\["${config.hash()}"\\]$`;
      expect(config.addresses()).toEqual([
        expect.stringMatching(`^docker_volume\\.Config_Volume_\\w+${instance}`),
        expect.stringMatching(`^docker_container\\.Config_Carrier_\\w+${instance}`),
      ]);
    });
  });

  test("changes the service whose file changed, and no other", () => {
    const changed = planWith({ first: "2", second: "${HOME} 100%{x}" });
    expect(partOf(changed, "second")).toEqual(partOf(plan, "second"));
    expect(configContainerOf(changed, "first")?.name).not.toBe(configContainerOf(plan, "first")?.name);
    expect(changed.container("test-first").labels).not.toEqual(plan.container("test-first").labels);
  });

  test.each([
    [[], 'files of "x" must name at least one file'],
    [["a", "b", "a"], 'files of "x" must each have a unique path, got a, b, a'],
  ])("refuses the paths %j", (paths, reason) => {
    const build = () =>
      planOf(({ stack, namespace, image }) => {
        new ConfigVolume(stack, "Config", { namespace, name: "x", image, files: paths.map((path) => ConfigFile.text(path, () => "")) });
      });
    expect(build).toThrow(reason);
  });
});
