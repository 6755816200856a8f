import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { parseEnvironment } from "../../../lib/environment/load";
import { WikiStack } from "../../../lib/stack/wiki-stack";
import { document } from "../../support/documents";
import { localText } from "../../support/example";
import { HOST_KEY } from "../../support/host-parts";
import { read, testApp } from "../../support/plan";
import { ELSEWHERE, SETTINGS } from "../../support/settings";

const ROOT = join(__dirname, "..", "..", "..");
/** A hardened host and a mail server, so that there is every part that a setting could reach. */
const BASE = `${localText()}
mail: { host: smtp.example.com, port: 587, from: wiki@example.com }
docker: { host: "ssh://deploy@203.0.113.10" }
host: { ssh: { address: 203.0.113.10, user: deploy, hostKeys: [${HOST_KEY}] } }
`;
const BLOCKS = ["monitoring", "alerts", "backup"];

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

/** Every key below a block of the schema: `monitoring.grafana.memory`; of a list, those of its entries. */
function keysOf(path: string, { properties, items }: SchemaNode): string[] {
  if (items !== undefined) return keysOf(path, items);
  return properties === undefined ? [path] : Object.entries(properties).flatMap(([name, node]) => keysOf(`${path}.${name}`, node));
}

const schema = JSON.parse(readFileSync(join(ROOT, "environments", "schema.json"), "utf8")) as SchemaNode;
const KEYS = BLOCKS.flatMap((block) => keysOf(block, schema.properties?.[block] ?? {}));
const keyOf = (path: string) => path.replace(/\.\d+\./, ".");

/** The blocks of an environment file in which every setting has the value of the table. */
function blocks(): string {
  const root: Record<string, unknown> = {};
  for (const [path, { value }] of Object.entries(SETTINGS)) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    let node = root;
    for (const [index, name] of names.entries()) {
      node[name] ??= /^\d+$/.test(names[index + 1] ?? "") ? [] : {};
      node = node[name] as Record<string, unknown>;
    }
    node[last] = value === "true" ? true : /^[\d.]+$/.test(value) ? Number(value) : value;
  }
  return stringify(root);
}

/** What a stack is made of: `container` → its settings, `container:file` → the text, `host:part` → the script. */
function placesOf(text: string): ReadonlyMap<string, string> {
  const stack = new WikiStack(testApp(), parseEnvironment("wiki", text, "wiki.yaml"));
  const plan = read(stack);
  return new Map([
    ...plan.all("docker_container").map((container) => [container.name.replace(/^wiki-/, ""), JSON.stringify({ ...container, upload: undefined })] as const),
    ...plan.files().map(({ container, path, text: content }) => [`${container.replace(/^wiki-/, "")}:${path}`, content] as const),
    ...(stack.host?.names() ?? []).map((name) => [`host:${name}`, stack.host?.script(name) ?? ""] as const),
  ]);
}

describe("a setting of the monitoring, the alerts and the backup", () => {
  const before = placesOf(BASE);
  const after = placesOf(BASE + blocks());

  test("each key of the schema is in the table", () => {
    const table = new Set([...Object.keys(SETTINGS).map(keyOf), ...Object.keys(ELSEWHERE)]);
    expect(KEYS.length).toBeGreaterThan(50);
    expect(KEYS.filter((key) => !table.has(key))).toEqual([]);
    expect([...table].filter((key) => !KEYS.includes(key))).toEqual([]);
    for (const file of Object.values(ELSEWHERE)) expect(existsSync(join(ROOT, file))).toBe(true);
  });

  test.each(Object.entries(SETTINGS))("%s reaches every place that depends on it", (_, { reaches }) => {
    const missed = Object.entries(reaches).filter(([place, seen]) => !seen.test(after.get(place) ?? ""));
    const there = Object.entries(reaches).filter(([place, seen]) => seen.test(before.get(place) ?? ""));
    expect({ missed: missed.map(([place]) => place), thereWithout: there.map(([place]) => place) }).toEqual({ missed: [], thereWithout: [] });
  });

  test("dockerRoot: nothing looks at the usual place any more", () => {
    const command = after.get("node-exporter") ?? "";
    expect(command).not.toContain("var/lib/docker/");
    // what asks the engine itself may name the default, for a host without one
    const lines = [...after].filter(([place]) => place.startsWith("host:")).flatMap(([, script]) => script.split("\n"));
    expect(lines.filter((line) => line.includes("/var/lib/docker") && !line.includes("docker info"))).toEqual([]);
  });

  test("each key is in the reference", () => {
    const { text } = document("docs/configuration.md");
    expect(KEYS.filter((key) => !text.includes(`\`${key}\``) && !text.includes(`\`${key.replace("remotes.", "remotes[].")}\``))).toEqual([]);
  });
});
