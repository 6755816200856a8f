import { Duration } from "../../core/duration";
import { blocksOf, shown, textsOf } from "../attributes";
import { ALL, type Block, type PolicyRule } from "../rule";

const DURATIONS: readonly string[] = ["interval", "timeout", "start_period", "start_interval"];

export const rule: PolicyRule = {
  name: "idempotent-forms",
  summary: "values are written as the engine returns them, so that a plan without changes is empty",
  kinds: ALL,
  check({ attributes }) {
    return [...capabilities(attributes), ...durations(attributes), ...networks(attributes)];
  },
};

function capabilities(attributes: Block): string[] {
  return blocksOf(attributes, "capabilities")
    .flatMap((block) => [...textsOf(block, "add"), ...textsOf(block, "drop")])
    .filter((name) => name !== "ALL" && !/^CAP_[A-Z_]+$/.test(name))
    .map((name) => `capabilities holds ${shown(name)}; write it as "CAP_${name.replace(/^CAP_/i, "").toUpperCase()}"`);
}

function durations(attributes: Block): string[] {
  const [healthcheck = {}] = blocksOf(attributes, "healthcheck");
  return DURATIONS.flatMap((name) => {
    const written = healthcheck[name];
    const canonical = written === undefined ? undefined : goForm(String(written));
    return written === canonical
      ? []
      : [`healthcheck.${name} is ${shown(written)}; write it as ${canonical === undefined ? "30s or 1m30s" : shown(canonical)}`];
  });
}

/** `text` as Go prints the same length of time; nothing when it is none. */
function goForm(text: string): string | undefined {
  try {
    return Duration.parse(text).toString();
  } catch {
    return undefined;
  }
}

function networks(attributes: Block): string[] {
  return blocksOf(attributes, "networks_advanced")
    .filter(({ name }) => !/^\$\{[\w.-]+\.id\}$/.test(String(name)))
    .map(({ name }) => `networks_advanced.name is ${shown(name)}; refer to the network by its id, or a replaced network waits for its containers`);
}
