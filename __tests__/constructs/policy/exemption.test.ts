import { Testing } from "cdktf";
import { Construct } from "constructs";
import { Service } from "../../../constructs/docker/service";
import { checkPolicy, exempt, exemptionFrom, exemptionsOf, RULES } from "../../../constructs/policy";
import { context, type TestContext } from "../../support/plan";

const REASON = "its only purpose is this test";

/** A service at `scope` with a user that is root. */
function rootService({ namespace, image, networks }: TestContext, scope: Construct, name: string): Service {
  const networksOf = [{ network: networks.backend }];
  return new Service(scope, name, { namespace, image, name, user: "0:0", networks: networksOf, memoryMiB: 64, healthCheck: { command: ["true"] } });
}

/** Violations of the objects that a test adds; the context itself has none. */
function breaches({ stack }: TestContext): string[] {
  return checkPolicy(stack).map((problem) => problem.replace(/:.*/, ""));
}

describe("exempt", () => {
  test("lets a container break the rule, and what is below the construct", () => {
    const made = context();
    const part = new Construct(made.stack, "Part");
    rootService(made, part, "inside");
    rootService(made, made.stack, "outside");
    expect(breaches(made)).toEqual(["test/Part/inside/Container breaks non-root", "test/outside/Container breaks non-root"]);

    exempt(part, "non-root", REASON);
    expect(breaches(made)).toEqual(["test/outside/Container breaks non-root"]);
  });

  test("holds at the container itself", () => {
    const made = context();
    const { container } = rootService(made, made.stack, "thing");
    exempt(container, "non-root", REASON);
    expect(breaches(made)).toEqual([]);
  });

  test("is about its own rule alone", () => {
    const made = context();
    const service = rootService(made, made.stack, "thing");
    service.container.addOverride("init", false);
    exempt(service, "non-root", REASON);
    expect(breaches(made)).toEqual(["test/thing/Container breaks init"]);
  });

  test("does not reach from no-host-paths to the Docker socket", () => {
    const made = context();
    const { container } = rootService(made, made.stack, "thing");
    container.addOverride("mounts", [{ type: "bind", source: "/var/run/docker.sock", target: "/engine" }]);
    exempt(container, "non-root", REASON);
    exempt(container, "no-host-paths", REASON);
    expect(breaches(made)).toEqual(["test/thing/Container breaks no-docker-socket"]);
  });

  test.each(["", "because", "   short   "])("refuses %j for a reason", (reason) => {
    const scope = new Construct(Testing.app(), "Part");
    expect(() => exempt(scope, "non-root", reason)).toThrow(`an exemption from non-root needs a reason of 10 characters or more, got "${reason}"`);
  });

  test("refuses a second one from the same rule", () => {
    const scope = new Construct(Testing.app(), "Part");
    exempt(scope, "non-root", REASON);
    expect(() => exempt(scope, "non-root", REASON)).toThrow("is exempt from non-root already");
  });

  test("from a rule that does not exist is a breach itself", () => {
    const made = context();
    exempt(made.stack, "no-root", REASON);
    expect(checkPolicy(made.stack)).toEqual([`test is exempt from "no-root", which is no rule; there is ${RULES.map(({ name }) => name).join(", ")}`]);
  });
});

describe("what is known of exemptions", () => {
  test("each has its rule, path and reason", () => {
    const app = Testing.app();
    const part = new Construct(app, "Part");
    const inner = new Construct(part, "Inner");
    exempt(inner, "non-root", REASON);
    exempt(part, "init", "the image has its own init");
    exempt(part, "cpu-limited", REASON);
    expect(exemptionsOf(app)).toEqual([
      { path: "Part", rule: "init", reason: "the image has its own init" },
      { path: "Part", rule: "cpu-limited", reason: REASON },
      { path: "Part/Inner", rule: "non-root", reason: REASON },
    ]);
    expect(exemptionsOf(inner)).toEqual([{ path: "Part/Inner", rule: "non-root", reason: REASON }]);
  });

  test("the nearest one counts", () => {
    const part = new Construct(Testing.app(), "Part");
    const inner = new Construct(part, "Inner");
    exempt(part, "non-root", "the reason further out");
    expect(exemptionFrom("non-root", inner)?.reason).toBe("the reason further out");
    exempt(inner, "non-root", "the reason nearby");
    expect(exemptionFrom("non-root", inner)?.reason).toBe("the reason nearby");
    expect(exemptionFrom("init", inner)).toBeUndefined();
  });
});
