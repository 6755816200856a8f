import type { State } from "../../../../lib/clients/terraform/state";
import { refuseLostNetworks } from "../../../../lib/operations/deploy/lost-networks";

const STATE: State = { resources: [{ type: "docker_network", name: "Proxy", instances: [{ attributes: { id: "0123", name: "local-proxy" } }] }] };
const engineWith = (...ids: readonly string[]) => ({ identified: () => ids.map((id) => ({ id, name: "local-proxy" })) });
const planOf = (action: string) => new Map([["docker_network.Proxy", action]]);

test("a network that could not be read and is there is not created again", () => {
  expect(() => refuseLostNetworks(planOf("create"), STATE, engineWith("0123"))).toThrow(
    "the plan would create local-proxy again, which the engine has: it could not be read",
  );
});

test("a network that was removed is created again, and a changed one is replaced", () => {
  expect(() => refuseLostNetworks(planOf("create"), STATE, engineWith("4567"))).not.toThrow();
  expect(() => refuseLostNetworks(planOf("replace"), STATE, engineWith("0123"))).not.toThrow();
});
