import { type App, Aspects, type IAspect } from "cdktf";
import type { Construct, IConstruct } from "constructs";
import { Service } from "../../../constructs/docker/service";
import { exempt, Policy } from "../../../constructs/policy";
import { context, type TestContext } from "../../support/plan";

const BROKEN = "test/Open/Container breaks published-ports: ports publishes 80 of open, and only traefik may; give it a route instead";

/** A service that publishes a port. */
function open({ namespace, image, networks: { backend }, stack }: TestContext): Service {
  const healthCheck = { command: ["true"] };
  const ports = [{ internal: 80, external: 8080, ip: "127.0.0.1" }];
  return new Service(stack, "Open", { namespace, image, name: "open", user: "1:1", networks: [{ network: backend }], memoryMiB: 64, healthCheck, ports });
}

/** What `app.synth()` says of the context and what `build` adds to it. */
function synthesize(build: (context: TestContext) => void): string {
  const made = context();
  made.volumes.volume("anything", { owner: "1:1" });
  build(made);
  try {
    (made.stack.node.root as App).synth();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("Policy", () => {
  test("does not change what follows the rules", () => {
    expect(synthesize(({ stack }) => Aspects.of(stack).add(new Policy()))).toBe("");
  });

  test("is needed: without it nothing is checked at synthesis", () => {
    expect(synthesize(open)).toBe("");
  });

  test.each<[string, (context: TestContext, service: Service) => IConstruct]>([
    ["the stack", ({ stack }) => stack],
    ["a construct of the stack", (_, service) => service],
  ])("added to %s, fails the synthesis with path, rule and remedy", (_, scope) => {
    const message = synthesize((context) => Aspects.of(scope(context, open(context))).add(new Policy()));
    expect(message).toContain(BROKEN);
  });

  test("says it once, however often it is added", () => {
    const message = synthesize((context) => {
      open(context);
      for (const scope of [context.stack, context.stack]) Aspects.of(scope).add(new Policy());
    });
    expect(message.split(BROKEN)).toHaveLength(2);
  });

  test("accepts an exemption with a reason", () => {
    const message = synthesize((context) => {
      exempt(open(context) as Construct, "published-ports", "a second entry point is the purpose of this test");
      Aspects.of(context.stack).add(new Policy());
    });
    expect(message).toBe("");
  });

  test("sees what an aspect changed that was added after it", () => {
    const weaken: IAspect = {
      visit: (node) => {
        if (node instanceof Service) node.container.addOverride("privileged", true);
      },
    };
    const message = synthesize((context) => {
      open(context);
      for (const aspect of [new Policy(), weaken]) Aspects.of(context.stack).add(aspect);
    });
    expect(message).toContain("privileged");
  });
});
