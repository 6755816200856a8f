import type { ContainerKind } from "../../docker/labels";
import { blocksOf, shown, textsOf } from "../attributes";
import { type PolicyRule, RUNNING } from "../rule";

/** What a container of each kind may keep without an exemption. */
const HARMLESS: Readonly<Partial<Record<ContainerKind, readonly string[]>>> = {
  // hands volumes and secrets to their users, and ends
  job: ["CAP_CHOWN"],
};

export const rule: PolicyRule = {
  name: "capabilities-dropped",
  summary: "all capabilities are dropped and only harmless ones are added, so that root in a container is not root on the host",
  kinds: RUNNING,
  check({ attributes, kind = "service" }) {
    const [capabilities = {}] = blocksOf(attributes, "capabilities");
    const { drop } = capabilities;
    const allowed = HARMLESS[kind] ?? [];
    return [
      ...(textsOf(capabilities, "drop").join() === "ALL" ? [] : [`capabilities.drop must be ["ALL"], got ${shown(drop)}; drop all and add what is needed`]),
      ...textsOf(capabilities, "add")
        .filter((name) => !allowed.includes(prefixed(name)))
        .map((name) => `capabilities.add holds ${name}, and a ${kind} may have ${allowed.join(", ") || "none"}; do without, or exempt it with the reason`),
    ];
  },
};

/** The long form; whether it is written so is a matter of `idempotent-forms`. */
function prefixed(name: string): string {
  return name.startsWith("CAP_") ? name : `CAP_${name}`;
}
