import { Container } from "@cdktf/provider-docker/lib/container";
import { Service as SwarmService } from "@cdktf/provider-docker/lib/service";
import type { TerraformStack } from "cdktf";
import { exemptionFrom, exemptionsOf } from "../core/exemption";
import { descriptionOf, zonesOf } from "../docker/description";
import { LABEL } from "../docker/labels";
import { blocksOf } from "./attributes";
import { ALL, type Block, type PlannedContainer } from "./rule";
import { RULES } from "./rules";
import { containerForm } from "./swarm-service";

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
  if (kind === undefined) return [`${construct.node.path} is a bare docker_container; use Service, Job or ConfigVolume`];
  return RULES.filter(({ kinds }) => kinds.includes(kind))
    .filter(({ name }) => exemptionFrom(name, construct) === undefined)
    .flatMap((rule) => rule.check(container).map((problem) => `${construct.node.path} breaks ${rule.name}: ${problem}`));
}

/** Type of resource → id → attributes. */
type Resources = Readonly<Record<string, Readonly<Record<string, Block>>>>;

/** The containers of a stack, as in its plan. */
export function plannedContainers(stack: TerraformStack): PlannedContainer[] {
  const resources: Resources = stack.toTerraform().resource ?? {};
  return stack.node
    .findAll()
    .filter((construct): construct is Container | SwarmService => construct instanceof Container || construct instanceof SwarmService)
    .map((construct) => planned(construct, resources));
}

function planned(construct: Container | SwarmService, resources: Resources): PlannedContainer {
  const attributes = attributesOf(construct, resources);
  const label = (name: string) => blocksOf(attributes, "labels").find(({ label }) => label === name)?.value;
  const name = String(attributes.name);
  const namespace = String(label(LABEL.namespace) ?? "");
  const mounted = [...blocksOf(attributes, "mounts").map(({ source }) => source), ...blocksOf(attributes, "volumes").map(({ volume_name }) => volume_name)];
  return {
    name,
    namespace,
    service: name.startsWith(`${namespace}-`) ? name.slice(namespace.length + 1) : name,
    kind: ALL.find((kind) => kind === label(LABEL.kind)),
    image: nameBehind(resources, attributes.image),
    networks: blocksOf(attributes, "networks_advanced").map(({ name }) => nameBehind(resources, name)),
    description: descriptionOf(construct),
    zones: zonesOf(construct),
    volumes: mounted.map((source) => behind(resources, source)).filter((volume) => volume !== undefined),
    attributes,
    construct,
  };
}

/** Attributes of a container; those of a service of a cluster as if it were one, so that each rule holds for both. */
function attributesOf(construct: Container | SwarmService, { docker_container, docker_service, docker_config = {} }: Resources): Block {
  if (construct instanceof Container) return docker_container?.[construct.friendlyUniqueId] ?? {};
  return containerForm(docker_service?.[construct.friendlyUniqueId] ?? {}, docker_config);
}

/** The name of the resource that `${type.id.attribute}` refers to; any other value is itself. */
function nameBehind(resources: Resources, value: unknown): string {
  return String(behind(resources, value)?.name ?? value);
}

function behind(resources: Resources, value: unknown): Block | undefined {
  const [, type = "", id = ""] = /^\$\{(\w+)\.([\w-]+)\.\w+\}$/.exec(String(value)) ?? [];
  return resources[type]?.[id];
}
