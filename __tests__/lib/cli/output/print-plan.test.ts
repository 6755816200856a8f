import { plannedContainers } from "../../../../constructs/policy/check";
import { type PlannedChanges, printPlan } from "../../../../lib/cli/output/print-plan";
import { WikiStack } from "../../../../lib/stack/wiki-stack";
import { hardenedEnvironment } from "../../../support/host-parts";
import { testApp } from "../../../support/plan";

const stack = new WikiStack(testApp(), hardenedEnvironment());
const resources: Record<string, Record<string, { name?: string; for_each?: unknown }>> = stack.toTerraform().resource;
/** Terraform's address of what is called `name` on the host. */
const address = (type: string, name: string) => `${type}.${Object.entries(resources[type] ?? {}).find(([, { name: found }]) => found === name)?.[0]}`;
const text = (changes: PlannedChanges) => printPlan(stack, "hard", changes);

test("a plan without changes says so", () => {
  expect(text(new Map())).toBe("hard: no changes. What is deployed is what the environment file says.");
  // what is only read is no change
  expect(text(new Map([["data.cloudflare_zone.Zone", "read"]]))).toContain("no changes");
});

test("changes are counted, and named by their names on the host", () => {
  const output = text(
    new Map([
      [address("docker_container", "hard-bookstack"), "replace"],
      [address("docker_network", "hard-proxy"), "update"],
      [stack.host?.address("firewall") ?? "", "create"],
    ]),
  );
  expect(output).toMatch(/^hard: 1 to add, 1 to change, 1 to replace, 0 to delete\. Nothing has been changed\.\n/);
  expect(output).toMatch(/\nHost parts\n {2}add +firewall\n/);
  expect(output).toMatch(/\nContainers\n {2}replace +hard-bookstack\n/);
  expect(output).toMatch(/\nNetworks\n {2}change +hard-proxy\n/);
  expect(output).toMatch(/\nDown while they are replaced\n {2}hard-bookstack {2}usually seconds; at most \d+ s to stop and \d+ s until it is healthy\n/);
});

test("files of the configuration are one word, and no data", () => {
  const [id] = Object.entries(resources.docker_volume ?? {}).find(([, { for_each: many }]) => many !== undefined) ?? [];
  const output = text(new Map([[`docker_volume.${id}["0123456789ab"]`, "delete"]]));
  expect(output).toMatch(/\nVolumes\n {2}delete +configuration files\n/);
  expect(output).not.toContain("DATA WOULD BE DELETED");
});

test("a volume with data that would be deleted cannot be overlooked", () => {
  expect(text(new Map([[address("docker_volume", "hard-database"), "replace"]]))).toContain("\nDATA WOULD BE DELETED: hard-database\n");
});

test("every container and volume has a name", () => {
  const all = new Map(plannedContainers(stack).map(({ construct }) => [`docker_container.${construct.friendlyUniqueId}`, "create"]));
  expect(text(all)).not.toMatch(/docker_container\.|\$\{/);
});
