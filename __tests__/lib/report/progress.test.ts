import { Progress } from "../../../lib/report/progress";
import { WikiStack } from "../../../lib/wiki-stack";
import { hardenedEnvironment } from "../../support/host-parts";
import { testApp } from "../../support/plan";

const stack = new WikiStack(testApp(), hardenedEnvironment());
const addr = stack.host?.address("firewall") ?? "";

function event(type: string, more: Readonly<Record<string, unknown>> = {}) {
  return { type, "@message": "", hook: { resource: { addr }, action: "create", ...more } };
}

let said: string[];
beforeEach(() => {
  said = [];
  jest.spyOn(process.stdout, "write").mockImplementation((text) => said.push(String(text)) > 0);
});
afterEach(() => jest.restoreAllMocks());

test("a part of the host is told once it is done, and its steps are not", () => {
  const progress = new Progress(stack);
  progress.listen(event("apply_start"));
  progress.listen(event("provision_progress", { output: "changed: rules of the firewall" }));
  progress.listen(event("apply_complete", { elapsed_seconds: 7 }));
  expect(said).toEqual(["  host, firewall: as it should be after 7 s\n"]);
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
