import { homedir } from "node:os";
import { sep } from "node:path";
import { Testing } from "cdktf";
import { parse, stringify } from "yaml";
import { LABEL } from "../constructs/docker/labels";
import { parseEnvironment } from "../lib/environment/load";
import type { Environment } from "../lib/environment/schema";
import { WikiStack } from "../lib/stack/wiki-stack";
import { localEnvironment, localText } from "./support/example";
import { ROOT } from "./support/needs";
import { type Block, read, testApp } from "./support/plan";
import { compact, DEFAULTS, withoutDefaults } from "./support/plan-text";

// with the lock of this repository, which changes with each `npm run lock`, the snapshot would have to change, too
jest.mock("../lib/stack/image-lock", () => ({ ...jest.requireActual("../lib/stack/image-lock"), readImageLock: () => ({}) }));

function planOf(environment: Environment) {
  return read(new WikiStack(testApp(), environment));
}

const plan = planOf(localEnvironment());

/** An image with its exact tag: `mysql:8.4.11`, also of an own build, with the hash of its context. */
const TAG = /(?<=^(?:BOOKSTACK_IMAGE=)?[a-z][a-z0-9./-]*:)v?\d+\.[\w.-]+$/;

/** Texts of files have separate tests; their hashes would change with every word. So have images, whose tags a bot changes. */
function withoutFiles(text: string): Block {
  const pathAndMode = ({ file, permissions }: Block) => `${permissions} ${file}`;
  return JSON.parse(text, (key, value) => {
    if (key === "upload") return value.map(pathAndMode);
    if (key === "triggers" && value?.context) return { ...value, context: "<hash>" };
    if (value?.label === LABEL.config) return { ...value, value: "<hash>" };
    return typeof value === "string" ? value.replace(/(?<=-config-|toset\(\[")[0-9a-f]{12}/, "<hash>").replace(TAG, "<tag>") : value;
  });
}

describe("the plan of the local environment", () => {
  // ids are addresses in Terraform's state: data under another one would be recreated
  test("stays as it is, and so do its addresses", () => {
    const { resource, ...rest } = withoutFiles(plan.json);
    const containers = Object.entries<Block>(resource.docker_container).map(([id, container]) => [id, withoutDefaults(container)]);
    expect(compact({ ...rest, resource: { ...resource, docker_container: Object.fromEntries(containers) } })).toMatchSnapshot();
  });

  test.each(Object.keys(DEFAULTS))("shows every default of a %s that is another one, or is not there", (kind) => {
    const usual = { ...DEFAULTS[kind], labels: [{ label: LABEL.kind, value: kind }] };
    expect(Object.keys(withoutDefaults(usual))).toEqual(["labels"]);
    for (const name of Object.keys(DEFAULTS[kind] ?? {})) {
      expect(withoutDefaults({ ...usual, [name]: "other" })).toMatchObject({ [name]: "other" });
      const { [name]: _, ...without }: Block = usual;
      expect(withoutDefaults(without)).toMatchObject({ [name]: "<not set>" });
    }
  });

  test("keeps its parts, and what they are part of", () => {
    expect(Testing.renderConstructTree(plan.stack)).toMatchSnapshot();
  });

  test("is the same at another time, after another stack, and with other random numbers", () => {
    jest.useFakeTimers({ now: new Date("2031-01-01T00:00:00Z") });
    const random = jest.spyOn(Math, "random").mockReturnValue(0.123);
    const app = testApp();
    new WikiStack(app, { ...localEnvironment(), name: "other" });
    expect(read(new WikiStack(app, localEnvironment())).json).toBe(plan.json);
    random.mockRestore();
    jest.useRealTimers();
  });

  test("is the same whatever the order of keys in the file", () => {
    expect(planOf(parseEnvironment("local", stringify(reversed(parse(localText()))), "local.yaml")).json).toBe(plan.json);
  });

  test("names nothing of the machine that made it", () => {
    const traces = [ROOT, process.execPath, homedir()].filter((path) => path.split(sep).length > 2);
    for (const trace of traces) expect(plan.json).not.toContain(trace);
  });

  test("has unique names for everything on the Docker host", () => {
    for (const type of ["docker_container", "docker_volume", "docker_network"]) {
      const names = plan.all(type).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names.filter((name) => !name.startsWith("local-"))).toEqual([]);
    }
  });

  test("shares no name with another environment on the same host", () => {
    const other = planOf({ ...localEnvironment(), name: "other" });
    const names = ({ all }: typeof plan) => [
      ...["docker_container", "docker_volume", "docker_network"].flatMap((type) => all(type).map(({ name }) => `${type} ${name}`)),
      ...all("docker_network").map(({ options }) => options["com.docker.network.bridge.name"]),
    ];
    expect(names(other).filter((name) => names(plan).includes(name))).toEqual([]);
  });
});

function reversed(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}
