import { shown } from "../attributes";
import { type Block, type PolicyRule, RUNNING } from "../rule";

export const rule: PolicyRule = {
  name: "cpu-limited",
  summary: "CPU time is limited, so that one container under attack cannot starve the others",
  kinds: RUNNING,
  check({ attributes }) {
    return [
      ...["cpu_period", "cpu_quota"].filter((name) => !isPositive(attributes, name)).map((name) => missing(name, attributes[name])),
      ...(attributes.cpus === undefined ? [] : [`cpus is ${shown(attributes.cpus)} and makes the provider panic; set cpu_quota instead`]),
    ];
  },
};

function isPositive(attributes: Block, name: string): boolean {
  return Number(attributes[name]) > 0;
}

function missing(name: string, value: unknown): string {
  return `${name} must be more than 0 microseconds, got ${shown(value)}; set cpu_period to 100000, and cpu_quota to 100000 for each processor`;
}
