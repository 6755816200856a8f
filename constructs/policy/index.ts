export { type Exemption, exempt, exemptionFrom, exemptionsOf } from "../core/exemption";
export { checkPolicy, plannedContainers } from "./check";
export { Policy } from "./policy";
export type { PlannedContainer, PolicyRule } from "./rule";
export { RULES } from "./rules";
