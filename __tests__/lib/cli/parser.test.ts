import { allCommands, commandNames } from "../../../lib/cli/commands";
import { parseArguments } from "../../../lib/cli/parser";
import { scripts } from "../../../package.json";

const COMMANDS = allCommands();

function printed(action: () => unknown): { result: unknown; text: string } {
  let text = "";
  const write = jest.spyOn(process.stdout, "write").mockImplementation((part) => {
    text += part;
    return true;
  });
  try {
    return { result: action(), text };
  } finally {
    write.mockRestore();
  }
}

describe("help of one command", () => {
  test.each(["--help", "-h"].flatMap((option) => [...COMMANDS].map(([name, command]) => [name, option, command] as const)))(
    "%s %s",
    (name, option, command) => {
      const { result, text } = printed(() => parseArguments(name, command, [option]));
      // nothing is run
      expect(result).toBeUndefined();
      expect(text.replaceAll("\n", " ")).toContain(command.summary.slice(0, 60));
      for (const known of Object.keys(command.options ?? {})) expect(text).toContain(`--${known}`);
      expect(text.split("\n").filter((line) => line.length > 100)).toEqual([]);
    },
  );
});

describe("arguments", () => {
  const restore = COMMANDS.get("restore");
  if (restore === undefined) throw new Error("there is no restore");

  test.each([
    [["local", "latest", "--yes", "--from", "offsite"]],
    [["--yes", "local", "--from", "offsite", "latest"]],
    [["--from=offsite", "--yes", "local", "latest"]],
  ])("%j: options may be anywhere", (args) => {
    const given = parseArguments("restore", restore, args);
    expect(given).toMatchObject({ environment: "local", flags: new Set(["yes"]), values: new Map([["from", "offsite"]]) });
    expect([...(given?.positionals.values() ?? [])]).toEqual(["latest"]);
  });

  test("a relative directory is meant from where the command was called", () => {
    expect(parseArguments("restore", restore, ["local", "--environments", "mine"], "/home/ops")?.directory).toBe("/home/ops/mine");
  });

  test("a missing value is reported", () => {
    expect(() => parseArguments("restore", restore, ["local", "--from"])).toThrow("option '--from <remote>' argument missing\n  → npm run restore");
  });
});

test("every command has a script of its name, or of its level", () => {
  const started = Object.values(scripts).map((script) => /^node lib\/cli\/bin\.js (\S+)/.exec(script)?.[1]);
  expect(commandNames().filter((name) => !started.includes(name))).toEqual([]);
});
