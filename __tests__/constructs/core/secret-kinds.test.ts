import { excerpt, redact } from "../../../constructs/core/secret-kinds";

const AGE_KEY = `AGE-SECRET-KEY-1${"Q".repeat(58)}`;

test("a long text is cut after its secrets were replaced: half a secret is not known as one", () => {
  const text = `cannot read ${AGE_KEY}`;
  expect(redact(text.slice(0, 60))).toContain("QQQQ");
  expect(excerpt(text, 60)).not.toContain("QQQQ");
  expect(excerpt(text, 12)).toBe("cannot read …");
  expect(excerpt("cannot read", 12)).toBe("cannot read");
});
