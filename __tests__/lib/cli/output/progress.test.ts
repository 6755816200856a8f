import type { Container } from "@cdktf/provider-docker/lib/container";
import { resourceAddress } from "../../../../constructs/core/dependencies";
import { Progress } from "../../../../lib/cli/output/progress";
import { WikiStack } from "../../../../lib/stack/wiki-stack";
import { hardenedEnvironment } from "../../../support/host-parts";
import { testApp } from "../../../support/plan";

const stack = new WikiStack(testApp(), hardenedEnvironment());
const addr = stack.host?.address("firewall") ?? "";

function event(type: string, more: Readonly<Record<string, unknown>> = {}) {
  return { type, "@message": "", hook: { resource: { addr }, action: "create", ...more } };
}

let messages: string[];
beforeEach(() => {
  messages = [];
  jest.spyOn(process.stdout, "write").mockImplementation((text) => messages.push(String(text)) > 0);
});
afterEach(() => jest.restoreAllMocks());

test("a host part is reported when it is done, and its steps are not", () => {
  const progress = new Progress(stack);
  progress.listen(event("apply_start"));
  progress.listen(event("provision_progress", { output: "changed: rules of the firewall" }));
  progress.listen(event("apply_complete", { elapsed_seconds: 7 }));
  expect(messages).toEqual(["  host, firewall: as it should be after 7 s\n"]);
});

test("a part that fails says why in the last words of its script, and Terraform's own lines are left out", () => {
  const progress = new Progress(stack);
  for (const output of [
    "Connecting to remote host via SSH...",
    "  Host: 203.0.113.10",
    "Connected!",
    "one",
    "two",
    "three",
    "four\r\n",
    "firewall: nobody could connect",
  ]) {
    progress.listen(event("provision_progress", { output }));
  }
  progress.listen(event("apply_errored"));
  progress.listen({ ...event("diagnostic"), diagnostic: { severity: "error", summary: "remote-exec provisioner error" } });
  expect(progress.failure("npm run deploy -- hard")).toContain(
    "\n  - host, firewall: two\n    three\n    four\n    firewall: nobody could connect\n  - remote-exec provisioner error\n",
  );
});

test("a long job shows its last log line once", () => {
  const lines = ["migration 1 of 2: a", "migration 1 of 2: a", "migration 2 of 2: b"];
  const progress = new Progress(stack, () => lines.shift());
  const hook = { resource: { addr: resourceAddress(stack.wiki?.setup.container as Container) }, action: "create", elapsed_seconds: 10 };
  for (const _ of [1, 2, 3]) progress.listen({ type: "apply_progress", "@message": "", hook });
  expect(messages).toEqual(["    migration 1 of 2: a\n", "    migration 2 of 2: b\n"]);
});

test("a failure shows the first line of a long error and its end, and what else an operator has to know", () => {
  const progress = new Progress(stack);
  const log = Array.from({ length: 40 }, (_, number) => `line ${number}`).join("\n");
  progress.listen({ type: "diagnostic", "@message": "", diagnostic: { severity: "error", summary: "postcondition failed", detail: `job ended:\n${log}` } });
  expect(progress.failure("npm run deploy -- hard", ["hard-bookstack: healthy", ""])).toMatch(
    /\n {2}- postcondition failed: job ended:\n {4}…\n {4}line 28\n[\s\S]* {4}line 39\n\nhard-bookstack: healthy\n\nCompleted steps stay\./,
  );
});

test("a log of a job is shown without the frames that Docker puts around its lines", () => {
  const progress = new Progress(stack);
  const detail = "job ended with exit code 1:\n\u0002\0\0\0\0\0\0\u000asetup: one\n\u0001\0\0\0\0\0\0\ufffdsetup: two\n";
  progress.listen({ type: "diagnostic", "@message": "", diagnostic: { severity: "error", summary: "failed", detail } });
  expect(progress.failure("npm run deploy -- hard")).toContain("  - failed: job ended with exit code 1:\n    setup: one\n    setup: two\n");
});
