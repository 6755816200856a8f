import { ConfigurationError } from "../../../constructs/core/errors";
import { parseEnvironment } from "../../../lib/environment/load";
import { BROKEN_FILES, SENTENCES } from "./broken-files";
import { ALL_KINDS, placeAndKind } from "./problem-kinds";

function refusal(text: string): ConfigurationError {
  try {
    parseEnvironment("broken", text, "environments/broken.yaml");
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error("the file was accepted");
}

describe.each(Object.entries(BROKEN_FILES))("refused: %s", (_, files) => {
  test.each(files)("%s", (_description, text, problems) => {
    expect(refusal(text).problems.map(placeAndKind)).toEqual(problems);
  });
});

describe("a problem of each kind, word for word", () => {
  test.each(Object.entries(SENTENCES))("%s", (kind, [text, message]) => {
    expect(refusal(text).problems).toContain(message);
    expect(placeAndKind(message)).toMatch(new RegExp(`: ${kind}(, meant .*)?$`));
  });

  test("there is one of each", () => {
    expect(Object.keys(SENTENCES)).toEqual(ALL_KINDS);
  });
});

test("the refusal names the file and lists its problems", () => {
  expect(refusal("domain: localhost\n").message.split("\n")).toEqual([
    "environments/broken.yaml is not usable:",
    expect.stringMatching(/^ {2}- users is missing; /),
    expect.stringMatching(/^ {2}- wiki\.admin\.email is missing; /),
    expect.stringMatching(/^ {2}- line 1: domain: "localhost" is no domain; /),
  ]);
});

test("every description is used once in its group, and no file twice", () => {
  const files = Object.values(BROKEN_FILES).flat();
  expect(new Set(files.map(([, text]) => text)).size).toBe(files.length);
  for (const group of Object.values(BROKEN_FILES)) expect(new Set(group.map(([description]) => description)).size).toBe(group.length);
});
