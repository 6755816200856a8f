import { ConfigurationError } from "../../../constructs/core/errors";
import { parseEnvironment } from "../../../lib/environment/load";
import { BROKEN_FILES } from "./broken-files";

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
    expect(refusal(text).problems).toEqual(problems);
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
