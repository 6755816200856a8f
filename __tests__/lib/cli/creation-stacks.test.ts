import { Lazy } from "cdktf";

test("a token does not record the stack trace of its creation, which takes longer than the synthesis", () => {
  expect(Lazy.anyValue({ produce: () => "value" })).toMatchObject({ creationStack: [] });
});
