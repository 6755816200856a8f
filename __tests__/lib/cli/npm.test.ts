import { commandNames, loadCommand } from "../../../lib/cli/commands";
import { callersDirectory, refuseSwallowedOptions } from "../../../lib/cli/npm";

const refuse = (name: string, args: readonly string[], variables: Readonly<Record<string, string>>) => () =>
  refuseSwallowedOptions(name, loadCommand(name), args, { npm_lifecycle_event: name, ...variables });

describe("an option that npm kept because -- is missing is refused", () => {
  test.each([
    ["plan", ["local"], { npm_config_detailed_exitcode: "true" }, "npm run plan -- local --detailed-exitcode"],
    ["verify", ["local"], { npm_config_json: "true", npm_config_attack: "true" }, "npm run verify -- local --attack --json"],
    ["destroy", ["local"], { npm_config_host: "true" }, "npm run destroy -- local --host"],
    ["destroy", ["local", "local"], { npm_config_with_data: "true" }, "npm run destroy -- local local --with-data <environment>"],
    ["start", [], { npm_config_json: "true" }, "npm start -- --json"],
    ["restore", ["local"], { npm_config_yes: "true", npm_config_from: "offsite" }, "npm run restore -- local --from offsite --yes"],
    ["start", ["local"], { npm_config_jsno: "true" }, "npm start -- local --json"],
    ["plan", ["local"], { npm_config_detialed_exit_code: "true" }, "npm run plan -- local --detailed-exitcode"],
    ["restore", ["local"], { npm_config_form: "offsite" }, "npm run restore -- local --from offsite"],
    ["deploy", ["local"], { npm_config_environments: "elsewhere" }, "npm run deploy -- local --environments elsewhere"],
  ])("npm run %s %j with %j", (name, args, variables, meant) => {
    const [, remedy = ""] = messageOf(refuse(name, args, variables)).split("\n  → ");
    expect([...remedy.split(" ")].sort()).toEqual(meant.split(" ").sort());
  });

  test("but not what npm tells every script", () => {
    const ofEachScript = { cache: "/tmp/cache", loglevel: "error", global_prefix: "/usr", local_prefix: "/tmp", userconfig: "/root/.npmrc", user_agent: "npm" };
    const variables = Object.fromEntries(Object.entries(ofEachScript).map(([key, value]) => [`npm_config_${key}`, value]));
    for (const name of commandNames()) expect(refuse(name, ["local"], variables)).not.toThrow();
  });

  test("nor what another script was called with, which starts this command", () => {
    expect(refuse("verify", ["local"], { npm_lifecycle_event: "e2e", npm_config_json: "true" })).not.toThrow();
  });
});

test("relative paths are meant from where npm was called", () => {
  expect(callersDirectory("/repository", { npm_lifecycle_event: "start", INIT_CWD: "/home/ops" }, "/repository")).toBe("/home/ops");
  expect(callersDirectory("/repository", {}, "/elsewhere")).toBe("/elsewhere");
  expect(callersDirectory("/repository", { npm_lifecycle_event: "npx", INIT_CWD: "/elsewhere" }, "/elsewhere")).toBe("/elsewhere");
});

function messageOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("was not refused");
}
