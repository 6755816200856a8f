import { Construct, RootConstruct } from "constructs";
import { ConfigurationError, requireAll } from "../../../constructs/core/errors";

const scope = new Construct(new Construct(new RootConstruct(), "Stack"), "Part");

describe("requireAll", () => {
  test("says every rule that does not hold, and where, at once", () => {
    const check = () =>
      requireAll(scope, [
        [false, "size must be 1 or more, got 0"],
        [true, "never said"],
        [false, "name is missing"],
      ]);
    expect(check).toThrow(new ConfigurationError("Stack/Part", ["size must be 1 or more, got 0", "name is missing"]));
  });

  test("says nothing while all hold", () => {
    expect(() => requireAll(scope, [[true, "never said"]])).not.toThrow();
  });
});

describe("ConfigurationError", () => {
  test("is readable as it is", () => {
    const error = new ConfigurationError("local.yaml", ["domain is missing", "ports.http is taken"]);
    expect(error.message).toBe("local.yaml is not usable:\n  - domain is missing\n  - ports.http is taken");
    expect(error.name).toBe("ConfigurationError");
  });
});
