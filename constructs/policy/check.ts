import { Container } from "@cdktf/provider-docker/lib/container";
import type { TerraformStack } from "cdktf";
import { type ContainerKind, LABEL } from "../docker/labels";
import { exemptionFrom, exemptionsOf } from "./exemption";
import type { PlannedContainer } from "./rule";
import { RULES } from "./rules";

/** Everything that is wrong with a plan: each rule, for each container that has no exemption from it. Changes nothing. */
export function checkPolicy(stack: TerraformStack): string[] {
  const containers = plannedContainers(stack);
  const names = new Set(RULES.map(({ name }) => name));
  const unknown = exemptionsOf(stack).filter(({ rule }) => !names.has(rule));
  return [
    ...unknown.map(({ path, rule }) => `${path} is exempt from "${rule}", which is no rule; there is ${[...names].join(", ")}`),
    ...containers.flatMap((container) => breaches(container)),
  ];
}

function breaches(container: PlannedContainer): string[] {
  const { construct, kind } = container;
  if (kind === undefined) return [`${construct.node.path} is a docker_container of its own; use Service, Job or ConfigVolume`];
  return RULES.filter(({ kinds }) => kinds.includes(kind))
    .filter(({ name }) => exemptionFrom(name, construct) === undefined)
    .flatMap((rule) => rule.check(container).map((problem) => `${construct.node.path} breaks ${rule.name}: ${problem}`));
}

type Blocks = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The containers of a stack, as they will stand in its plan. */
export function plannedContainers(stack: TerraformStack): PlannedContainer[] {
  const resources: Readonly<Record<string, Blocks>> = stack.toTerraform().resource ?? {};
  return stack.node
    .findAll()
    .filter((construct): construct is Container => construct instanceof Container)
    .map((construct) => planned(construct, resources));
}

function planned(construct: Container, resources: Readonly<Record<string, Blocks>>): PlannedContainer {
  const attributes = resources.docker_container?.[construct.friendlyUniqueId] ?? {};
  const labels = (attributes.labels ?? []) as { label: string; value: string }[];
  const networks = (attributes.networks_advanced ?? []) as { name: string }[];
  return {
    name: String(attributes.name),
    kind: labels.find(({ label }) => label === LABEL.kind)?.value as ContainerKind | undefined,
    image: behind(resources, attributes.image),
    networks: networks.map(({ name }) => behind(resources, name)),
    attributes,
    construct,
  };
}

/** The name of the resource that `${type.id.attribute}` refers to; any other value is itself. */
function behind(resources: Readonly<Record<string, Blocks>>, value: unknown): string {
  const [, type = "", id = ""] = /^\$\{(\w+)\.([\w-]+)\.\w+\}$/.exec(String(value)) ?? [];
  return String(resources[type]?.[id]?.name ?? value);
}
