import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { fromTerraformLiteral } from "../constructs/core/terraform-literal";
import { COMPILERS, filesBelow, installedLibrary, NAME, run } from "./support/library-package";
import { ROOT } from "./support/needs";
import type { Block } from "./support/plan";

const MANIFEST = JSON.parse(readFileSync(join(ROOT, "library/package.json"), "utf8"));
const APPLICATION = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const EXAMPLES = readdirSync(join(ROOT, "examples")).map((file) => file.replace(/\.ts$/, ""));
const FOLDERS = Object.keys(MANIFEST.exports).filter((path) => !path.endsWith(".json"));

describe("the manifest of the library", () => {
  test("has the version of the application, and its versions of what both use", () => {
    expect(MANIFEST.version).toBe(APPLICATION.version);
    const shared = { ...MANIFEST.peerDependencies, ...MANIFEST.dependencies };
    expect(Object.keys(shared)).toEqual(expect.arrayContaining(["cdktf", "constructs", "yaml"]));
    expect(shared).toEqual(Object.fromEntries(Object.keys(shared).map((name) => [name, `^${APPLICATION.dependencies[name]}`])));
  });

  test("exports every folder of constructs/ that has an index", () => {
    const folders = readdirSync(join(ROOT, "constructs")).filter((folder) => existsSync(join(ROOT, "constructs", folder, "index.ts")));
    expect(FOLDERS.sort()).toEqual(folders.map((folder) => `./${folder}`).sort());
  });
});

describe("the index of a folder", () => {
  test.each(FOLDERS)("%s exports each of its constructs", (folder) => {
    const directory = join(ROOT, "constructs", folder);
    const sources = filesBelow(directory).filter((file) => file.endsWith(".ts"));
    const constructs = sources.flatMap((file) =>
      [...readFileSync(join(directory, file), "utf8").matchAll(/^export class (\w+) extends Construct\b/gm)].map(([, name]) => name),
    );
    expect(Object.keys(require(directory))).toEqual(expect.arrayContaining(constructs));
  });
});

describe("the package", () => {
  let project: string;
  let outputs: string;
  beforeAll(() => {
    project = installedLibrary();
    outputs = mkdtempSync(join(tmpdir(), "library-"));
  }, 300_000);
  afterAll(() => rmSync(outputs, { recursive: true, force: true }));

  const installed = (...path: string[]) => join(project, "node_modules", NAME, ...path);
  const node = (args: readonly string[], cwd: string, output: string) =>
    spawnSync(process.execPath, args, { cwd, encoding: "utf8", env: { PATH: process.env.PATH, CDKTF_OUTDIR: output } });
  /** The plan that a program writes. */
  const planBy = (args: readonly string[], cwd: string) => {
    const output = mkdtempSync(join(outputs, "plan-"));
    const { status, stderr } = node(args, cwd, output);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const plan = JSON.parse(readFileSync(join(output, "stacks/todo/cdk.tf.json"), "utf8"));
    // the state is kept where the program runs
    return { ...plan, terraform: { ...plan.terraform, backend: "local" } };
  };

  const plans = new Map<string, ReturnType<typeof planBy>>();
  /** The plan of an example from the package. */
  const planOf = (name: string) => {
    const plan = plans.get(name) ?? planBy([join(project, "built", `${name}.js`)], project);
    plans.set(name, plan);
    return plan;
  };

  test("holds JavaScript, types, assets and images, and nothing of the application", () => {
    const files = filesBelow(installed());
    const assets = filesBelow(join(ROOT, "constructs")).filter((file) => file.includes("assets/"));
    const images = filesBelow(join(ROOT, "images"));
    expect(assets.length).toBeGreaterThan(50);
    const expected = [...assets.map((file) => `dist/constructs/${file}`), ...images.map((file) => `dist/images/${file}`)];
    expect(files).toEqual(expect.arrayContaining([...expected, "LICENSE", "README.md", "package.json"]));
    const others = files.filter((file) => !expected.includes(file) && !/^dist\/constructs\/.*\.(js|d\.ts)$|^(LICENSE|README\.md|package\.json)$/.test(file));
    expect(others).toEqual([]);
  });

  test("loads without TypeScript, and offers nothing but the folders that it exports", () => {
    const script = `for (const path of ${JSON.stringify(FOLDERS)}) require(path.replace(".", "${NAME}"));
      try { require("${NAME}/docker/service"); } catch ({ code }) { console.log(code); }`;
    expect(run(process.execPath, ["--eval", script], project)).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED\n");
  }, 60_000);

  test.each(Object.keys(COMPILERS))("has types that compile the examples with %s", (compiler) => {
    expect(readFileSync(join(project, `${compiler}.log`), "utf8")).toBe("");
  });

  describe.each(EXAMPLES)("the example %s", (name) => {
    const source = join(ROOT, "examples", `${name}.ts`);

    test("has less than 60 lines", () => {
      expect(readFileSync(source, "utf8").split("\n").length - 1).toBeLessThan(60);
    });

    test("has the same plan from the package as from this repository", () => {
      expect(planOf(name)).toEqual(planBy(["--require", "tsx/cjs", source], ROOT));
    }, 60_000);

    test("is refused by the policy with a published port, with path, rule and remedy", () => {
      const changed = join(project, "built", `${name}-changed.js`);
      const port = "ports: [{ internal: 3456, external: 3456, ip: '127.0.0.1' }],";
      writeFileSync(
        changed,
        readFileSync(join(project, "built", `${name}.js`), "utf8").replace(/^ +name: "vikunja",/m, (line) => `${line} ${port}`),
      );
      const { status, stderr } = node([changed], project, mkdtempSync(join(outputs, "refused-")));
      expect(status).toBe(1);
      expect(stderr).toContain(
        "todo/Vikunja/Container breaks published-ports: ports publishes 3456 of vikunja, and only traefik may; give it a route instead\n",
      );
    }, 60_000);
  });

  const containersOf = ({ resource }: { resource: Record<string, Record<string, Block>> }) => Object.values(resource.docker_container ?? {});
  const fileOf = (containers: readonly Block[], name: string, path: string): string => {
    const config = containers.find((container) => new RegExp(`^todo-${name}-config-[0-9a-f]{12}$`).test(container.name));
    return fromTerraformLiteral(config?.upload.find(({ file }: Block) => file === `/config/${path}`).content);
  };

  test("signs users in for the edge alone: no OpenID Connect, and no secret of it", () => {
    const containers = containersOf(planOf("sign-on"));
    const configuration = parse(fileOf(containers, "authelia", "configuration.yml").replace(/: (\{\{.*\}\})$/gm, ": template"));
    expect(configuration).not.toHaveProperty("identity_providers");
    expect(configuration.access_control.rules).toEqual([{ domain: "todo.lab.home.arpa", policy: "two_factor" }]);
    expect(fileOf(containers, "secrets", "manifest")).not.toContain("oidc");
    const { routers } = parse(fileOf(containers, "traefik", "dynamic/routes.yml")).http;
    expect(JSON.stringify(routers)).toContain("todo.lab.home.arpa");
  });

  test("gives an application a database of its own name, with its account and certificate", () => {
    const containers = containersOf(planOf("whole-edge"));
    const start = fileOf(containers, "vikunja-db", "start.sh");
    expect(start).toContain("CREATE DATABASE IF NOT EXISTS vikunja ");
    expect(start).toContain("account vikunja@% ");
    expect(fileOf(containers, "secrets", "manifest")).toContain("create\tdatabase\tcertificate\tdatabase_ca\tvikunja-db\n");
  });
});
