import { kindOf } from "../../../../lib/operations/rotate/kinds";
import { checkedStack } from "../../../support/application";
import { exampleEnvironment, localEnvironment } from "../../../support/example";

describe("kinds of secrets", () => {
  const secrets = [localEnvironment(), exampleEnvironment()].flatMap((environment) => checkedStack(environment).secrets.describe());

  test("each secret of an environment has one, so that the command says what happens with it", () => {
    for (const secret of secrets) expect([secret.name, kindOf(secret).title]).toEqual([secret.name, expect.any(String)]);
  });

  test("a secret from another service and a hash are never created by the command", () => {
    const given = secrets.filter(({ kind }) => kind.startsWith("provided") || kind.endsWith("-of"));
    expect(given.length).toBeGreaterThan(2);
    for (const secret of given) expect([secret.name, kindOf(secret).method]).toEqual([secret.name, undefined]);
  });

  test("a new secret without a kind fails here, and not in the middle of a rotation", () => {
    const unknown = { name: "new_key", kind: "hex", services: [] } as const;
    expect(() => kindOf(unknown)).toThrow("no kind of rotation includes the secret new_key");
  });
});
