import { untilReplicasRun } from "../../../../lib/clients/docker/replicas";

const SERVICE = "wiki-bookstack";

/** A service that is to have two replicas, whose states are these, one after the other. */
function played(states: readonly string[]) {
  const left = [...states];
  return { output: () => left.shift() ?? "", attempt: () => ({ status: 0, output: "2\n" }), left };
}

test("waits while a replica is starting", async () => {
  const docker = played(["Running 3 minutes ago\nStarting 2 seconds ago\n", "Running 3 minutes ago\nRunning 1 second ago\n", "never asked"]);
  await untilReplicasRun(docker, SERVICE);
  expect(docker.left).toEqual(["never asked"]);
});

test("names the service when a replica never runs", async () => {
  let now = 0;
  const clock = jest.spyOn(Date, "now").mockImplementation(() => {
    now += 200_000;
    return now;
  });
  await expect(untilReplicasRun(played(Array(5).fill("Running 3 minutes ago\n")), SERVICE)).rejects.toThrow(
    "not every replica of wiki-bookstack runs\n  → docker service ps wiki-bookstack   # shows which one, and why",
  );
  clock.mockRestore();
});
