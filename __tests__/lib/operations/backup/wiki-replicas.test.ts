import type { Docker } from "../../../../lib/clients/docker/docker";
import type { Terraform, TerraformEvent } from "../../../../lib/clients/terraform/terraform";
import { parseEnvironment } from "../../../../lib/environment/load";
import { WikiReplicas } from "../../../../lib/operations/backup/wiki-replicas";
import type { Workspace } from "../../../../lib/operations/workspace";
import { buildApplication } from "../../../../lib/stack/application";
import { localText } from "../../../support/example";

const CLUSTER = `
providers: { docker: 4 }
monitoring: { enabled: false }
cluster: { storage: /srv/wiki, nodes: [{ name: wiki-a, roles: [manager, data, wiki] }] }
`;

/** Replicas whose apply ends with `code` after `events`; the arguments that Terraform got. */
function replicas(code: number, events: readonly TerraformEvent[] = []) {
  const environment = parseEnvironment("wiki", `${localText().replace(/^(providers|monitoring):.*\n(?: .*\n)*/gm, "")}${CLUSTER}`, "wiki.yaml");
  const [stack] = buildApplication([environment]).stacks;
  if (!stack) throw new Error("no stack");
  const calls: string[][] = [];
  const change: Terraform["change"] = async (verb, args, listen) => {
    calls.push([verb, ...args]);
    for (const event of events) listen(event);
    return code;
  };
  const tools = { terraform: { change } as Terraform, docker: {} as Docker };
  return { replicas: new WikiReplicas({ environment, stack, directory: "" }, tools, () => undefined), calls };
}

test("replicas are started with secrets that are copied again, and nothing else is applied", async () => {
  const { replicas: wiki, calls } = replicas(0);
  await wiki.resume();
  expect(calls).toEqual([["apply", expect.stringMatching(/^-replace=null_resource\..*Raft_Copy/), expect.stringMatching(/^-target=docker_service\./)]]);
});

test("replicas that do not start are reported with what Terraform said, and where to look", async () => {
  const { replicas: wiki } = replicas(1, [{ type: "diagnostic", diagnostic: { severity: "error", summary: "did not converge" } } as TerraformEvent]);
  await expect(wiki.resume()).rejects.toThrow(
    "the replicas of wiki-bookstack do not start: did not converge\n  → docker service ps --no-trunc wiki-bookstack   # shows why",
  );
});

test("replicas are started again when one of them does not stop", async () => {
  jest.useFakeTimers();
  const calls: string[] = [];
  const answer = (args: readonly string[]) => (args[1] === "ps" ? "Running 2 minutes ago" : `${calls.push(args.join(" "))}`);
  const docker = { output: answer, attempt: () => ({ status: 0, output: "2" }) } as unknown as Docker;
  const wiki = new WikiReplicas({ environment: { name: "wiki" } } as Workspace, { docker, terraform: {} as Terraform }, () => undefined);
  const ended = expect(wiki.halt()).rejects.toThrow("a replica of wiki-bookstack does not stop");
  await jest.advanceTimersByTimeAsync(200_000);
  await ended;
  expect(calls).toEqual(["service scale --detach wiki-bookstack=0", "service scale --detach wiki-bookstack=2"]);
  jest.useRealTimers();
});
