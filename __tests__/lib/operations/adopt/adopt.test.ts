import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PlannedResource } from "../../../../lib/clients/terraform/plan";
import { requireEmptyState } from "../../../../lib/operations/adopt/adopt";
import { findContainers } from "../../../../lib/operations/adopt/containers";
import type { Engine, FoundContainer } from "../../../../lib/operations/adopt/engine";
import { findFoundation, findOutdatedFiles } from "../../../../lib/operations/adopt/foundation";
import { stateFile } from "../../../../lib/operations/adopt/state-file";

const OWN = { "secure-bookstack.namespace": "local" };
const NO_STEPS = { parts: new Map(), secretsStored: true };

function resource(type: string, values: Readonly<Record<string, unknown>>, index?: string): PlannedResource {
  const address = `${type}.Some${index === undefined ? "" : `["${index}"]`}`;
  return { address, mode: "managed", type, name: "Some", provider_name: "registry.terraform.io/kreuzwerker/docker", schema_version: 2, index, values };
}

function container(name: string, state: Partial<FoundContainer["State"]> = {}, labels: Readonly<Record<string, string>> = OWN): FoundContainer {
  return {
    Id: `id of ${name}`,
    Name: `/${name}`,
    Image: "sha256:1",
    State: { Running: true, Restarting: false, Status: "running", ExitCode: 0, ...state },
    Config: { Env: [], Labels: labels },
    HostConfig: { CpuPeriod: 0, CpuQuota: 0, CgroupParent: "" },
    Mounts: [],
    NetworkSettings: { Networks: {} },
  };
}

interface Holds {
  readonly containers?: readonly FoundContainer[];
  readonly volumes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Files below `/config` of each container. */
  readonly files?: Readonly<Record<string, string>>;
}

function engine({ containers = [], volumes = {}, files = {} }: Holds): Engine {
  return {
    containers: () => new Map(containers.map((found) => [found.Name.slice(1), found])),
    networks: () => new Map(),
    volumes: () => new Map(Object.entries(volumes).map(([Name, Labels]) => [Name, { Name, Labels, Mountpoint: `/volumes/${Name}` }])),
    image: (name: string) => (name === "there:1" ? "sha256:1" : undefined),
    imageVariables: () => [],
    copy: (_: string, __: string, target: string) => {
      mkdirSync(target, { recursive: true });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(target, name), text);
    },
  } as unknown as Engine;
}

const service = (values: object = {}) =>
  resource("docker_container", { name: "local-wiki", image: "sha256:1", labels: [{ label: "secure-bookstack.namespace", value: "local" }], ...values });
const job = service({ must_run: false, attach: true });
const found = (planned: PlannedResource, holds: Holds) => findContainers([planned], "local", engine(holds));

test("a container that runs as planned is adopted with its id", () => {
  expect(found(service(), { containers: [container("local-wiki")] })).toEqual([
    { adopted: { resource: service(), known: { id: "id of local-wiki", image: "sha256:1", env: [] }, differences: [] } },
  ]);
});

// the provider removes a container that should run and does not, already when it plans
test.each<[string, PlannedResource, readonly FoundContainer[], string]>([
  ["is missing", service(), [], "container local-wiki is missing"],
  ["is stopped", service(), [container("local-wiki", { Running: false, Status: "exited" })], "container local-wiki does not run (exited)"],
  ["restarts all the time", service(), [container("local-wiki", { Restarting: true, Status: "restarting" })], "container local-wiki does not run (restarting)"],
  [
    "is a job that failed",
    job,
    [container("local-wiki", { Running: false, Status: "exited", ExitCode: 3 })],
    "container local-wiki ended with exit code 3 (exited)",
  ],
  ["is a job that runs", job, [container("local-wiki")], "container local-wiki still runs"],
  [
    "is of another application",
    service(),
    [container("local-wiki", {}, {})],
    "container local-wiki is not of local: it has no label secure-bookstack.namespace=local",
  ],
])("a container that %s is not adopted", (_, planned, containers, reason) => {
  expect(found(planned, { containers })).toEqual([{ left: reason }]);
});

test("a job that succeeded is adopted, so that it does not run again", () => {
  expect(found(job, { containers: [container("local-wiki", { Running: false, Status: "exited" })] })).toMatchObject([
    { adopted: { known: { container_logs: "" }, differences: [] } },
  ]);
});

test.each([
  ["planned", []],
  ["changed", ["file /config/a.yml is not what is planned"]],
])("a file that is %s", (content, differences) => {
  const carrier = service({ must_run: false, upload: [{ file: "/config/a.yml", content: "planned" }] });
  expect(found(carrier, { containers: [container("local-wiki", { Running: false, Status: "created" })], files: { "a.yml": content } })).toMatchObject([
    { adopted: { differences } },
  ]);
});

const volume = (name: string, kind: string, index?: string) =>
  resource("docker_volume", { name, labels: Object.entries({ ...OWN, "secure-bookstack.kind": kind }).map(([label, value]) => ({ label, value })) }, index);

test("a data volume with other labels is not adopted: the next plan would replace it, and delete what it holds", () => {
  const holds = engine({ volumes: { "local-uploads": OWN } });
  expect(findFoundation([volume("local-uploads", "data")], "local", holds, NO_STEPS)).toEqual([{ left: "volume local-uploads has other labels than planned" }]);
});

test("a data volume as planned is adopted", () => {
  const holds = engine({ volumes: { "local-uploads": { ...OWN, "secure-bookstack.kind": "data" } } });
  expect(findFoundation([volume("local-uploads", "data")], "local", holds, NO_STEPS)).toMatchObject([
    { adopted: { known: { id: "local-uploads", mountpoint: "/volumes/local-uploads" }, differences: [] } },
  ]);
});

test("images are adopted by name; one that is missing is pulled by the next deploy", () => {
  const images = ["there:1", "gone:1"].map((name) => resource("docker_image", { name }));
  expect(findFoundation(images, "local", engine({}), NO_STEPS)).toMatchObject([
    { adopted: { known: { id: "sha256:1there:1", image_id: "sha256:1" } } },
    { left: "image gone:1 is missing" },
  ]);
});

test("a host part is adopted only when its own check finds no difference", () => {
  const part = resource("null_resource", { triggers: { script: "0" } });
  const parts = (differences: readonly string[]) => ({ parts: new Map([[part.address, differences]]), secretsStored: true });
  expect(findFoundation([part], "local", engine({}), parts([]))).toMatchObject([{ adopted: { differences: [] } }]);
  expect(findFoundation([part], "local", engine({}), parts(["the firewall is off"]))).toEqual([{ left: "host part Some: the firewall is off" }]);
});

test("an upload of a secret is adopted only when the store has the secret", () => {
  const upload = resource("null_resource", {});
  expect(findFoundation([upload], "local", engine({}), { parts: new Map(), secretsStored: false })).toEqual([
    { left: "null_resource.Some: the store lacks a secret that you provide" },
  ]);
});

test("what no rule knows is named", () => {
  expect(findFoundation([resource("cloudflare_dns_record", {})], "local", engine({}), NO_STEPS)).toEqual([
    { left: "cloudflare_dns_record.Some cannot be adopted" },
  ]);
});

test("files that are not planned any more are adopted for the next deploy to delete, and nothing else with that name", () => {
  const names = ["local-wiki-config-0123456789ab", "local-wiki-config-ffffffffffff", "local-wiki-config-other", "local-wiki-db-config-ffffffffffff"];
  const holds = engine({ volumes: Object.fromEntries(names.map((name) => [name, OWN])) });
  expect(findOutdatedFiles([volume("local-wiki-config-0123456789ab", "config", "0123456789ab")], holds)).toMatchObject([
    { adopted: { resource: { index: "ffffffffffff" }, known: { id: "local-wiki-config-ffffffffffff", name: "local-wiki-config-ffffffffffff" } } },
  ]);
});

test("a state marks what differs, so that the next plan replaces it", () => {
  const { resources } = stateFile("1.11.4", [
    { resource: volume("a", "config", "a"), known: { id: "a" }, differences: [] },
    { resource: volume("b", "config", "b"), known: { id: "b" }, differences: ["label x is y"] },
  ]);
  expect(resources).toEqual([
    {
      mode: "managed",
      type: "docker_volume",
      name: "Some",
      provider: 'provider["registry.terraform.io/kreuzwerker/docker"]',
      instances: [
        { index_key: "a", schema_version: 2, attributes: expect.objectContaining({ id: "a", name: "a" }) },
        { index_key: "b", status: "tainted", schema_version: 2, attributes: expect.objectContaining({ id: "b", name: "b" }) },
      ],
    },
  ]);
});

test("a state with a resource is not lost, and is refused", () => {
  const workspace = { environment: { name: "local" } } as Parameters<typeof requireEmptyState>[0];
  const state = (mode: string) => ({ resources: [{ mode, type: "docker_volume", name: "a", instances: [] }] });
  expect(() => requireEmptyState(workspace, state("managed"))).toThrow("the state of local is not lost: it has 1 resource; nothing was adopted");
  expect(requireEmptyState(workspace, state("data"))).toBeUndefined();
});
