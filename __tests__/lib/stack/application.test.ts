import { Construct } from "constructs";
import { buildApplication } from "../../../lib/stack/application";
import { WikiStack } from "../../../lib/stack/wiki-stack";
import { localEnvironment } from "../../support/example";
import { testApp } from "../../support/plan";

describe("a stack that is checked", () => {
  const [stack] = buildApplication([localEnvironment()]).stacks;

  test("is rendered once, for the policy, the summary and the files that are written", () => {
    expect(stack?.toTerraform()).toBe(stack?.toTerraform());
  });

  test("is complete: nothing is added to what was checked", () => {
    expect(() => new Construct(stack as WikiStack, "Late")).toThrow("Cannot add children");
  });
});

test("a stack that may still change is rendered each time", () => {
  const stack = new WikiStack(testApp(), localEnvironment());
  stack.toTerraform();
  stack.addOverride("terraform.required_version", ">= 99");
  expect(stack.toTerraform().terraform.required_version).toBe(">= 99");
});
