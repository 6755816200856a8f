import { halt, resume } from "../../../../lib/clients/docker/halt";

function played() {
  const calls: string[] = [];
  const call = (args: readonly string[]) => {
    calls.push(args.join(" "));
    return "";
  };
  return { calls, docker: { output: call, patiently: call } };
}

test("a service that is halted is not started by an engine that is restarted meanwhile", () => {
  const { calls, docker } = played();
  halt(docker, "local-bookstack");
  expect(calls).toEqual(["update --restart=no local-bookstack", "stop local-bookstack"]);
});

test("a service that goes on has its restart policy again before it runs", () => {
  const { calls, docker } = played();
  resume(docker, "local-bookstack");
  expect(calls).toEqual(["update --restart=always local-bookstack", "start local-bookstack"]);
});
