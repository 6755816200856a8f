import { blocksOf, shown } from "../attributes";
import { ALL, type Block, type PolicyRule } from "../rule";

/** What takes a wall between a container and the host, or another container, away. */
const WALLS: readonly (readonly [attribute: string, isDown: (value: unknown) => boolean])[] = [
  ["privileged", (value) => value === true],
  ["network_mode", (value) => sharing(value)],
  ["pid_mode", (value) => given(value)],
  ["ipc_mode", (value) => sharing(value) || value === "shareable"],
  ["userns_mode", (value) => given(value)],
  ["cgroupns_mode", (value) => value === "host"],
  ["gpus", (value) => given(value)],
];

export const rule: PolicyRule = {
  name: "no-host-namespace",
  summary: "containers do not share network, processes, memory or devices with the host, so that they stay isolated",
  kinds: ALL,
  check({ attributes }) {
    return [
      ...WALLS.filter(([name, isDown]) => isDown(attributes[name])).map(([name]) => problem(name, attributes)),
      ...blocksOf(attributes, "devices").map(({ host_path }) => `devices holds ${shown(host_path)}; do without, or exempt it with the reason`),
    ];
  },
};

function problem(name: string, attributes: Block): string {
  return `${name} is ${shown(attributes[name])} and takes a wall away; leave it out, or exempt it with the reason`;
}

/** `host`, or `container:NAME`. */
function sharing(value: unknown): boolean {
  return /^(host$|container:)/.test(String(value));
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}
