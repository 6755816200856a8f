import { removeUnrecorded } from "../../../../lib/operations/deploy/unfinished-deploy";

const NETWORK = { id: "n1", name: "local-proxy" };
const WIKI = { id: "c1", name: "local-bookstack" };
const PORTAL = { id: "c2", name: "local-authelia" };

interface Engine {
  readonly containers?: readonly { id: string; name: string }[];
  /** Ids of containers that hold configuration. */
  readonly configContainers?: readonly string[];
  readonly networks?: readonly { id: string; name: string }[];
  /** Ids that the state knows. */
  readonly recorded?: readonly string[];
}

/** Calls of docker, in order, and the output. */
function remove({ containers = [], configContainers = [], networks = [], recorded = [] }: Engine) {
  const calls: string[] = [];
  const call = (args: readonly string[]) => {
    calls.push(args.join(" "));
    return "";
  };
  let output = "";
  const write = jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += text;
    return true;
  });
  const identified = (kind: string, filter: readonly string[]) => {
    if (kind === "network") return networks;
    return filter.includes("label=secure-bookstack.kind=carrier") ? containers.filter(({ id }) => configContainers.includes(id)) : containers;
  };
  const docker = { identified, patiently: call, output: call };
  const state = { resources: recorded.map((id) => ({ type: "docker_container", name: id, instances: [{ attributes: { id } }] })) };
  try {
    removeUnrecorded(
      { environment: { name: "local" } } as Parameters<typeof removeUnrecorded>[0],
      docker as unknown as Parameters<typeof removeUnrecorded>[1],
      state,
    );
  } finally {
    write.mockRestore();
  }
  return { calls, output };
}

test("a container that an interrupted deploy created is removed, after a graceful stop", () => {
  expect(remove({ containers: [WIKI, PORTAL], networks: [NETWORK], recorded: ["n1", "c1"] })).toEqual({
    calls: ["stop --time=120 c2", "rm --force c2"],
    output: "Removing containers that the state does not know: local-authelia …\n",
  });
});

test("nothing is removed when the state knows everything", () => {
  expect(remove({ containers: [WIKI], networks: [NETWORK], recorded: ["n1", "c1"] })).toEqual({ calls: [], output: "" });
});

test("nothing is removed before the first deploy", () => {
  expect(remove({})).toEqual({ calls: [], output: "" });
});

test("a network without containers that the state does not know is removed", () => {
  expect(remove({ networks: [NETWORK] }).calls).toEqual(["network rm n1"]);
});

test("containers of another state are refused, and nothing is removed", () => {
  expect(() => remove({ containers: [WIKI], networks: [NETWORK], recorded: ["n2"] })).toThrow(
    'the Docker host has containers of "local" that this state does not know: local-bookstack',
  );
});

test("containers of a lost state are refused with what to do", () => {
  expect(() => remove({ containers: [WIKI] })).toThrow("if that state is lost: npm run adopt -- local");
});

test("what holds configuration is removed although no network was recorded yet", () => {
  expect(remove({ containers: [WIKI], configContainers: ["c1"], networks: [NETWORK] }).calls).toEqual(["stop --time=120 c1", "rm --force c1", "network rm n1"]);
});

test("a service beside what holds configuration is refused without a recorded network, and named alone", () => {
  const act = () => remove({ containers: [WIKI, PORTAL], configContainers: ["c1"], networks: [NETWORK] });
  expect(act).toThrow(/does not know: local-authelia\n/);
});
