import { commandNames, loadCommand } from "../../../lib/cli/commands";

/**
 * Commands that change nothing of what is deployed, and so run beside any other one. A backup waits for its turn in its container.
 */
const READING = ["backup", "backups", "ca", "completion", "credentials", "doctor", "eject", "help", "init", "lock", "plan", "rotate-logs", "start", "verify"];
/** The tools of developers have no environment. */
const WITH_ENVIRONMENT = commandNames().filter((name) => loadCommand(name).environment !== "none");

/** What a command changes, by its options. */
function changes(name: string, ...flags: string[]) {
  const { changes: change } = loadCommand(name);
  return typeof change === "function" ? change(new Set(flags)) : change;
}

test("every command that changes an environment runs alone", () => {
  expect(WITH_ENVIRONMENT.filter((name) => !READING.includes(name) && changes(name) === undefined)).toEqual(["host"]);
});

test("host runs alone when it changes the host, and is then refused after an interrupted upgrade, as deploy is", () => {
  expect([changes("host"), changes("host", "apply"), changes("deploy")]).toEqual([undefined, "whole", "whole"]);
});
