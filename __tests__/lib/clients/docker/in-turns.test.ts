import { inTurns } from "../../../../lib/clients/docker/in-turns";

test("docker gets a few containers at a time, in their order, and nothing for none", () => {
  const calls: string[] = [];
  const docker = { patiently: (args: readonly string[]) => `${calls.push(args.join(" "))}` };
  inTurns(docker, ["stop", "--time=9"], ["a", "b", "c", "d", "e", "f", "g"]);
  inTurns(docker, ["stop"], []);
  expect(calls).toEqual(["stop --time=9 a b c", "stop --time=9 d e f", "stop --time=9 g"]);
});
