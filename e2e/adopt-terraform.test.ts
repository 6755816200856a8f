import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Docker } from "../lib/clients/docker/docker";
import { actionsOf, managedResources, type Plan } from "../lib/clients/terraform/plan";
import { Terraform } from "../lib/clients/terraform/terraform";
import { Engine } from "../lib/operations/adopt/engine";
import { adoptedOf, leftOf } from "../lib/operations/adopt/found";
import { findFoundation } from "../lib/operations/adopt/foundation";
import { Scratch } from "../lib/operations/adopt/scratch";
import { stateFile } from "../lib/operations/adopt/state-file";
import { docker } from "./support/deployment";
import { DOCKER_HOST, E2E_TERRAFORM } from "./support/needs";

/** What `adopt` writes is read by the real program and the real providers. A whole wiki: adopt-e2e.test.ts. */
const SPACE = "adt";
const OWN = { "secure-bookstack.namespace": SPACE };
const DATA = { ...OWN, "secure-bookstack.kind": "data" };
const labels = (values: Readonly<Record<string, string>>) => Object.entries(values).map(([label, value]) => ({ label, value }));
const asOptions = (values: Readonly<Record<string, string>>) => Object.entries(values).map(([label, value]) => `--label=${label}=${value}`);

const STACK = {
  terraform: {
    backend: { local: { path: "the-real-one.tfstate" } },
    required_providers: { docker: { source: "kreuzwerker/docker", version: "3.6.2" }, null: { source: "null", version: "3.2.4" } },
  },
  provider: { docker: [{ host: DOCKER_HOST }] },
  resource: {
    docker_volume: {
      Same: { name: `${SPACE}-same`, labels: labels(DATA), lifecycle: { prevent_destroy: true } },
      Other: { name: `${SPACE}-other`, labels: labels(DATA) },
    },
    docker_network: { Net: { name: `${SPACE}-net`, internal: true, ipam_config: [{ subnet: "10.214.7.0/29" }], labels: labels(OWN) } },
    null_resource: { Part: { triggers: { script: "1" } }, Drifted: { triggers: { script: "2" } } },
  },
  output: { network: { value: "${docker_network.Net.id}" } },
};

let directory: string;
let scratchDirectory: string;
let scratch: Scratch;
let left: readonly string[];
let plan: Plan;

function clean(): void {
  const engine = new Docker({ host: DOCKER_HOST } as ConstructorParameters<typeof Docker>[0]);
  for (const kind of ["network", "volume"] as const) for (const name of engine.labelled(kind, `secure-bookstack.namespace=${SPACE}`)) docker(kind, "rm", name);
}

beforeAll(() => {
  clean();
  docker("volume", "create", ...asOptions(DATA), `${SPACE}-same`);
  docker("volume", "create", ...asOptions(OWN), `${SPACE}-other`);
  docker("network", "create", "--internal", "--subnet=10.214.7.0/29", ...asOptions(OWN), `${SPACE}-net`);
  [directory, scratchDirectory] = ["stack-", "scratch-"].map((name) => mkdtempSync(join(tmpdir(), `adopt-${name}`))) as [string, string];
  writeFileSync(join(directory, "cdk.tf.json"), JSON.stringify(STACK));
  const terraform = Terraform.find(directory, E2E_TERRAFORM);
  terraform.init();
  scratch = new Scratch(scratchDirectory, directory, terraform);
  const first = scratch.terraform.wholePlan();
  const engine = new Engine(new Docker({ host: DOCKER_HOST } as ConstructorParameters<typeof Docker>[0]), SPACE);
  const parts = new Map<string, readonly string[]>([
    ["null_resource.Part", []],
    ["null_resource.Drifted", ["the firewall is off"]],
  ]);
  const found = findFoundation(managedResources(first), SPACE, engine, { parts, secretsStored: true });
  left = leftOf(found);
  scratch.write(stateFile(first.terraform_version, adoptedOf(found)));
  scratch.terraform.refresh();
  plan = scratch.terraform.wholePlan(["-refresh=false"]);
});

afterAll(() => {
  clean();
  for (const made of [directory, scratchDirectory]) rmSync(made, { recursive: true, force: true });
});

test("a network, a data volume and a host part as planned are in no later plan", () => {
  expect([...actionsOf(plan)].sort()).toEqual([
    ["docker_volume.Other", "create"],
    ["null_resource.Drifted", "create"],
  ]);
});

test("a data volume with other labels is never planned to be replaced", () => {
  expect([...left].sort()).toEqual(["host part Drifted: the firewall is off", `volume ${SPACE}-other has other labels than planned`]);
});

test("the real state gets it in one step, with the outputs", () => {
  const terraform = Terraform.find(directory, E2E_TERRAFORM);
  expect(terraform.state().resources).toEqual([]);
  terraform.pushState({ ...scratch.read() });
  expect(terraform.state()).toMatchObject({ outputs: { network: { value: docker("network", "inspect", "--format", "{{.Id}}", `${SPACE}-net`) } } });
  expect(terraform.wholePlan().resource_changes?.filter(({ change }) => !change.actions.includes("no-op"))).toHaveLength(2);
});
