import { ConfigFile } from "../../../constructs/core/config-file";
import { Job } from "../../../constructs/docker/job";
import type { ContainerKind } from "../../../constructs/docker/labels";
import { Service } from "../../../constructs/docker/service";
import { type PlannedContainer, type PolicyRule, plannedContainers } from "../../../constructs/policy";
import { context, type TestContext } from "../../support/plan";

/** One container of each kind, as the wrappers make them. */
function examples({ stack, namespace, image, networks }: TestContext): PlannedContainer[] {
  const shared = {
    namespace,
    image,
    user: "1000:1000",
    memoryMiB: 64,
    config: { directory: "/etc/thing", files: [ConfigFile.text("thing.conf", () => "on = yes\n")] },
  };
  const tmpfs = { "/tmp": { sizeMiB: 16 } };
  new Service(stack, "Service", { ...shared, name: "thing", networks: [{ network: networks.backend }], healthCheck: { command: ["thing", "health"] }, tmpfs });
  new Job(stack, "Job", { ...shared, name: "prepare", network: [{ network: networks.backend }], entrypoint: ["prepare"], tmpfs });
  return plannedContainers(stack).filter(({ construct: { node } }) => /^test\/(Service|Job)\//.test(node.path));
}

const EXAMPLES = examples(context());

/** Makes examples of a kind: as the wrapper does, with other `attributes`, and with what is read out of other resources. */
const example =
  (kind: ContainerKind) =>
  (attributes: PlannedContainer["attributes"] = {}, planned: Partial<PlannedContainer> = {}): PlannedContainer => {
    const found = EXAMPLES.find((candidate) => candidate.kind === kind);
    if (!found) throw new Error(`no example of a ${kind}`);
    return { ...found, ...planned, attributes: { ...found.attributes, ...attributes } };
  };

export const service = example("service");
export const job = example("job");
export const configContainer = example("carrier");

export interface Examples {
  /** What is special → a container that keeps the rule. */
  readonly keeps: Readonly<Record<string, PlannedContainer>>;
  /** What is wrong → a container that breaks the rule, and what the rule says to that. */
  readonly breaks: Readonly<Record<string, readonly [PlannedContainer, ...string[]]>>;
}

/** Tests `rule` on containers that comply and containers that do not, and the style of its messages. */
export function testRule(rule: PolicyRule, { keeps, breaks }: Examples): void {
  describe(rule.name, () => {
    test.each(Object.entries(keeps))("lets %s pass", (_, container) => {
      expect(rule.kinds).toContain(container.kind);
      expect(rule.check(container)).toEqual([]);
    });

    test.each(Object.entries(breaks))("refuses %s", (_, [container, ...messages]) => {
      expect(rule.kinds).toContain(container.kind);
      expect(rule.check(container)).toEqual(messages);
      for (const message of messages) expect(message).toMatch(/^[a-z].*[^.]$/);
    });
  });
}
