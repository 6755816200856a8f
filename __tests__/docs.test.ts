import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { parse, stringify } from "yaml";
import { commandNames, loadCommand } from "../lib/cli/commands";
import { overview } from "../lib/cli/help";
import { parseArguments } from "../lib/cli/parser";
import { PROGRAM } from "../lib/cli/program";
import { environmentJsonSchema } from "../lib/environment/json-schema";
import { parseEnvironment } from "../lib/environment/load";
import { type Summary, summarize } from "../lib/operations/summary";
import { CHECKS } from "../lib/operations/verify/checks";
import { buildApplication } from "../lib/stack/application";
import { imagesFor } from "../lib/stack/images";
import { OperatorError } from "../lib/system/operator-error";
import { dependencies, scripts, version } from "../package.json";
import { configurationReference } from "../tools/documents/configuration";
import { GENERATED } from "../tools/documents/generated";
import { renderPicture } from "../tools/picture/svg";
import { anchors, between, codeSpans, commandLines, document, links, markdownFiles, shellBlocks } from "./support/documents";
import { localEnvironment } from "./support/example";
import { ROOT } from "./support/needs";

const HELP = document("help");
const MARKDOWN = markdownFiles();

describe("commands in documents", () => {
  const found = [HELP, ...MARKDOWN].flatMap((file) => commandLines(file).map(({ line, isName }) => [file.path, line, isName] as const));

  test.each(found)("%s: %s", (_, line, isName) => {
    expect(problemWith(line, isName)).toBeUndefined();
  });

  test.each([
    ["npm run nothing", 'package.json has no script "nothing"'],
    ["npm run deploy", "which environment?\n  → npm run deploy -- <environment> [--yes]"],
    ["npm run deploy -- local --force", expect.stringContaining("unknown option '--force'")],
    ["npm run destroy -- local --with-data production", "--with-data must name local"],
    ["npx cdktf-cli@0.20.0 deploy local", "cdktf-cli must have version 0.21.0"],
    ["npx unheard-of", "unheard-of is not among the packages"],
  ])("%s would be noticed", (line, problem) => {
    expect(problemWith(line)).toEqual(problem);
  });

  test("every command has a script, and help is what the program prints", () => {
    const started = Object.values(scripts).flatMap((script) => /^node lib\/cli\/bin\.js (\S+)/.exec(script)?.[1] ?? []);
    expect(commandNames().filter((name) => !started.includes(name))).toEqual([]);
    // npm run docs
    expect(HELP.text).toBe(overview());
  });
});

/** What is wrong with a command line; nothing when it would be understood. */
function problemWith(line: string, isName = false): string | undefined {
  const [program = "", ...rest] = argsOf(isName ? `${line} local` : line);
  if (program === "npx") return rest[0] === PROGRAM ? problemWithProgram(rest.slice(1)) : problemWithPackage(rest);
  if (["ci", "install", "pack"].includes(rest[0] ?? "")) return undefined;
  const script = scriptOf([program, ...rest]);
  if (!Object.hasOwn(scripts, script)) return `package.json has no script "${script}"`;
  const separator = rest.indexOf("--");
  return isName ? undefined : problemWithArguments(script as keyof typeof scripts, separator < 0 ? [] : rest.slice(separator + 1));
}

/** What a command says of its arguments. */
function problemWithArguments(script: keyof typeof scripts, args: readonly string[]): string | undefined {
  const [, name = ""] = /^node lib\/cli\/bin\.js (\S+)$/.exec(scripts[script]) ?? [];
  // the others hand their arguments on
  return commandNames().includes(name) ? problemOf(name, args) : undefined;
}

function problemOf(name: string, args: readonly string[]): string | undefined {
  try {
    const given = parseArguments(name, loadCommand(name), args);
    const confirmed = given?.values.get("with-data");
    return confirmed === undefined || confirmed === given?.environment ? undefined : `--with-data must name ${given?.environment}`;
  } catch (error) {
    if (error instanceof OperatorError) return error.message;
    throw error;
  }
}

/** Words of a command line, with values in place of `<…>`, and all that is optional. */
function argsOf(line: string): string[] {
  return line.replaceAll("<environment>", "local").replace(/[[\]]/g, "").split(" ");
}

function scriptOf([, verb = "", ...rest]: readonly string[]): string {
  return verb === "run" ? (rest.find((arg) => !arg.startsWith("--")) ?? "") : verb;
}

/** A command without npm in between. */
function problemWithProgram([name = "", ...args]: readonly string[]): string | undefined {
  return commandNames().includes(name) ? problemOf(name, args) : `there is no command ${name}`;
}

function problemWithPackage([name = "", verb = "", ...rest]: readonly string[]): string | undefined {
  const [tool = "", version] = name.split("@");
  if (tool !== "cdktf-cli") return existsSync(join(ROOT, "node_modules/.bin", tool)) ? undefined : `${tool} is not among the packages`;
  // with cdktn in its place the command line stays that of cdktf
  const needed = dependencies.cdktf.startsWith("npm:") ? "0.21.0" : dependencies.cdktf;
  if (version !== needed) return `cdktf-cli must have version ${needed}`;
  if (verb === "synth") return undefined;
  return ["diff", "deploy", "destroy", "output"].includes(verb) && rest.join() === "local" ? undefined : `cdktf-cli ${verb} takes one environment`;
}

describe("shell in documents", () => {
  const blocks = MARKDOWN.flatMap((file) => shellBlocks(file).map((block) => [file.path, block] as const));

  test.each(blocks)("%s: can be read by a shell, and calls known programs: %s", (_, block) => {
    const input = block.replace(/<\w+>/g, "value");
    expect(spawnSync("bash", ["-n"], { input, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
    expect(programsOf(block).filter((program) => !PROGRAMS.has(program))).toEqual([]);
  });

  test("would be noticed when it cannot, or does not", () => {
    expect(spawnSync("bash", ["-n"], { input: "for volume in; done", encoding: "utf8" }).status).not.toBe(0);
    expect(programsOf("npm start\nfor a in b; do\n  docker frobnicate | dokcer ps # npm x\ndone")).toEqual(["npm", "docker frobnicate", "dokcer"]);
  });
});

/** What documents tell people to call; of Docker and Terraform the words that follow count, too. */
const PROGRAMS = new Set([
  ..."npm npx ssh ssh-keyscan curl openssl cp mv rm chmod export read cat git sh echo sudo cloudflared bash install systemctl".split(" "),
  ..."exec image inspect login logs network ps restart rm run start stop volume".split(" ").map((verb) => `docker ${verb}`),
  ..."init apply state".split(" ").map((verb) => `terraform ${verb}`),
]);

/** The first word of each command, with the verb of Docker and Terraform. */
function programsOf(block: string): string[] {
  const functions = new Set([...block.matchAll(/^(\w+)\(\) \{/gm)].map(([, name]) => name));
  const [, end] = /<< '(\w+)'$/m.exec(block) ?? [];
  const commands = block
    .replace(/\\\n/g, " ")
    .split("\n")
    .map((line) => line.replace(/(^|\s)#.*/, "").trim())
    .flatMap((line) => line.split(/\s+(?:\||&&)\s+/))
    .map((line) => line.replace(/^\w+=\$\((.*)\)$/, "$1"))
    .filter((line) => line !== "" && line !== end && !/^(for|do|done|if|then|fi)\b|^(\w+=\S* ?)+$|^\}$|^\w+\(\) \{$/.test(line))
    .filter((line) => !functions.has(line.split(" ")[0]));
  return commands.map((line) => {
    const [program = "", ...rest] = line.replace(/ (--host|-chdir)[= ]\S+/g, "").split(/\s+/);
    return program === "docker" || program === "terraform" ? `${program} ${rest[0]}` : program;
  });
}

describe("links", () => {
  const internal = MARKDOWN.flatMap((file) => links(file).map((target) => [file, target] as const)).filter(([, target]) => !/^https?:/.test(target));

  test.each(internal.map(([file, target]) => [file.path, target] as const))("%s → %s", (from, target) => {
    const [path = "", anchor] = target.split("#");
    const to = path === "" ? from : normalize(join(dirname(from), path));
    expect([to, existsSync(join(ROOT, to))]).toEqual([to, true]);
    if (anchor !== undefined) expect(anchors(document(to))).toContain(anchor);
  });

  test.each(MARKDOWN.map((file) => [file.path, file] as const))("paths in %s exist", (_, file) => {
    const paths = codeSpans(file).filter((code) => /^(lib|tools|constructs|e2e|examples|docs|__tests__)\/[\w./-]*$/.test(code) && !code.includes("NNNN"));
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe("generated parts of the documents: npm run docs", () => {
  test.each(GENERATED.map((part) => [part.page, part] as const))("%s is up to date", (page, { name, text }) => {
    expect(between(document(page), name)).toBe(text());
  });

  test("the reference of the configuration fits a screen, and every cell says something", () => {
    const lines = configurationReference(environmentJsonSchema()).split("\n");
    expect(lines.length).toBeGreaterThan(200);
    expect(lines.filter((line) => line.length > 120 || /undefined|\[object/.test(line))).toEqual([]);
  });

  test("README.md fits a few screens", () => {
    expect(Buffer.byteLength(document("README.md").text)).toBeLessThanOrEqual(12 * 1024);
  });
});

/** What the environment local would run. */
const environment = localEnvironment();
const [summary] = buildApplication([environment]).stacks.map((stack) => summarize(stack, environment)) as [Summary];

describe("the architecture picture", () => {
  test("is what the environment local would run: npm run picture", () => {
    expect(document("docs/architecture.svg").text).toBe(renderPicture(summary));
  });

  test("shows every container, volume and network by its name", () => {
    const shown = [...renderPicture(summary).matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text);
    const { containers, networks, volumes } = summary;
    const names = [...containers, ...networks, ...volumes.filter(({ writers }) => writers.length > 0)].map(({ name }) => name.replace("local-", ""));
    expect(names.length).toBeGreaterThan(15);
    expect(shown).toEqual(expect.arrayContaining(names));
  });

  test("has arrows only between containers that share a network", () => {
    const arrows = summary.containers.flatMap(({ name, connects }) => connects.map(({ to }) => ({ from: name, to: `local-${to}` })));
    expect(arrows.length).toBeGreaterThan(8);
    const apart = arrows.filter(({ from, to }) => {
      const [here, there] = [from, to].map((end) => summary.containers.find(({ name }) => name === end)?.networks ?? []);
      // the browser, and what is on the host's network, find others by addresses of the host
      return here?.length && there?.length && !here.some((network) => there.includes(network));
    });
    expect(apart).toEqual([]);
  });

  test("shows the egress proxy and its clients, if there is one", () => {
    const [bookstack] = summary.containers.filter(({ name }) => name === "local-bookstack");
    if (!bookstack) throw new Error("no wiki");
    const egress = { ...bookstack, name: "local-egress", networks: ["local-proxy", "local-backend"] };
    const drawn = renderPicture({ ...summary, containers: [...summary.containers, egress] });
    expect(drawn).toContain('<g data-container="egress">');
    expect(drawn).toContain("bookstack to egress (mail, webhooks)");
    expect(renderPicture(summary)).not.toContain("egress");
  });

  test.each([
    ["a container without a description", { purpose: [] }, "local-bookstack-setup has no description"],
    ["one between two networks that are not neighbours", { networks: ["local-proxy", "local-database"] }, "on networks that are no neighbours"],
  ])("refuses %s", (_, change, problem) => {
    const containers = summary.containers.map((container) => (container.name === "local-bookstack-setup" ? { ...container, ...change } : container));
    expect(() => renderPicture({ ...summary, containers })).toThrow(problem);
  });
});

describe("operations", () => {
  const messages = [...document("docs/operations/troubleshooting.md").text.matchAll(/^(?:###|-) `([^`]+…|…[^`]+|[^`]+)`(?:$| [A-Z])/gm)].map(
    ([, message = ""]) => message,
  );
  const sources = ["lib", "constructs"].flatMap((directory) =>
    readdirSync(join(ROOT, directory), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.\w+$/.test(file))
      .map((file) => readFileSync(join(ROOT, directory, file), "utf8")),
  );

  test.each(messages)("%s is a message of the code", (message) => {
    const parts = message.split("…").filter((part) => part.trim() !== "");
    expect(parts.filter((part) => !sources.some((source) => source.includes(part)))).toEqual([]);
  });

  test("moves volumes with an image that the new server pulls anyway, and that has tar", () => {
    const [, image] = /^image=(.*)$/m.exec(document("docs/operations/update.md").text) ?? [];
    expect(image).toBe(imagesFor("8.4", {}, {}).bookstack.reference);
  });

  test("quotes more than a few", () => {
    expect(messages.length).toBeGreaterThan(8);
  });
});

describe("the threat model", () => {
  const named = [...document("docs/threat-model.md").text.matchAll(/Verify:([^.]*)\./g)]
    .flatMap(([, cell = ""]) => [...cell.matchAll(/`([\w-]+)`/g)])
    .map(([, name = ""]) => name)
    .filter((name) => name !== "--attack");

  test("names every line that verify has, and no other", () => {
    expect([...new Set(named)].sort()).toEqual(CHECKS.map(({ name }) => name).sort());
  });
});

describe("claims", () => {
  const limitOf = (...names: string[]) =>
    summary.containers.filter(({ name }) => names.includes(name.replace("local-", ""))).reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);

  test("README and start.md ask for as much memory as the limits of the services add up to", () => {
    const [, needed = "", sum = ""] = /\| (\d+) GiB: the limits of all containers add up to (\d+) GiB/.exec(document("README.md").text) ?? [];
    const [, start = ""] = /(\d+) GiB of memory/.exec(document("docs/start.md").text) ?? [];
    expect([Math.round(summary.memoryMiB / 1024), Number(needed) * 1024 >= summary.memoryMiB, start]).toEqual([Number(sum), true, needed]);
  });

  test("the other services have more memory than the wiki and its database, as the comparison says", () => {
    const monitoring = ["prometheus", "grafana", "alertmanager", "node-exporter", "mysqld-exporter", "container-metrics"];
    expect(limitOf("authelia", "crowdsec", ...monitoring)).toBeGreaterThan(limitOf("bookstack", "bookstack-db"));
  });

  test("the threat model names what the wiki may write: uploads, temporary files and the log", () => {
    const volumes = summary.containers.find(({ name }) => name === "local-bookstack")?.writes.volumes ?? [];
    expect(volumes.length).toBeGreaterThan(0);
    expect(volumes.filter((path) => !/\/uploads$|-scratch$|^\/var\/log\/bookstack$/.test(path))).toEqual([]);
  });

  test("the reverse proxy has a route to the internet and no network with the database, as the threat model says", () => {
    const proxy = summary.containers.find(({ name }) => name === "local-traefik");
    const routable = summary.networks.filter((network) => network.routable).map(({ name }) => name);
    expect(proxy?.networks.filter((name) => routable.includes(name))).toEqual(["local-proxy"]);
    expect(proxy?.networks).not.toContain("local-database");
  });

  test.each(["mysql:8", "mysql:8.4", "traefik:v3", "traefik:alpine", "mysql:innovation", "traefik:latest"])(
    "%s is a moving tag, as refusals.md says",
    (image) => {
      const [name = ""] = image.split(":");
      const images = { [name]: image };
      expect(() =>
        parseEnvironment("claims", stringify({ ...parse(readFileSync(join(ROOT, "environments/local.yaml"), "utf8")), images }), "claims.yaml"),
      ).toThrow(image);
    },
  );
});

describe("decisions", () => {
  const decisions = MARKDOWN.filter(({ path }) => path.startsWith("docs/decisions/"));

  test("are numbered without a gap", () => {
    const numbers = decisions.map(({ path }) => path.slice("docs/decisions/".length, "docs/decisions/".length + 4));
    expect(numbers).toEqual(numbers.map((_, index) => `${index + 1}`.padStart(4, "0")));
  });

  const order = (number: string) =>
    new RegExp(
      [
        `^# ${number}: [A-Z].*`,
        "- Status: (?:accepted|superseded by \\[\\d{4}\\]\\(\\S+\\))(?:, extended by \\[\\d{4}\\]\\(\\S+\\))?\n- Date: 20\\d\\d-\\d\\d-\\d\\d",
        "## Context",
        "[^]*\n## Decision",
        "[^]*\n## Consequences",
      ].join("\n\n"),
    );

  test.each(decisions.map((file) => [file.path, file] as const))("%s has status, date, context, decision and consequences, in 40 lines", (path, { text }) => {
    expect(text).toMatch(order(path.slice("docs/decisions/".length, "docs/decisions/".length + 4)));
    expect(text.match(/^## .*/gm)).toEqual(["## Context", "## Decision", "## Consequences"]);
    expect(text.split("\n").length - 1).toBeLessThanOrEqual(40);
  });

  test.each([
    ["no status", "# 0001: A\n\n- Date: 2026-01-01\n\n## Context\n\nA\n\n## Decision\n\nA\n\n## Consequences\n\n- A\n"],
    ["no date", "# 0001: A\n\n- Status: accepted\n\n## Context\n\nA\n\n## Decision\n\nA\n\n## Consequences\n\n- A\n"],
    ["an unknown status", "# 0001: A\n\n- Status: old\n- Date: 2026-01-01\n\n## Context\n\nA\n\n## Decision\n\nA\n\n## Consequences\n\n- A\n"],
  ])("a decision with %s would be noticed", (_, text) => {
    expect(text).not.toMatch(order("0001"));
    const complete = text.replace(/\n\n(- Status.*\n)?(- Date.*\n)?/, "\n\n- Status: accepted\n- Date: 2026-01-01\n");
    expect(complete).toMatch(order("0001"));
  });
});

test("each release of the changelog has each heading once: a merge that kept both sides has them twice", () => {
  const releases = document("CHANGELOG.md").text.split(/^## /m).slice(1);
  expect(releases.length).toBeGreaterThan(2);
  for (const release of releases) {
    const headings = [...release.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([...new Set(headings)]);
  }
});

test("the version is the same in package.json, the README and the latest release of the changelog", () => {
  const [, released] = /^## \[(\d+\.\d+\.\d+)\]/m.exec(document("CHANGELOG.md").text) ?? [];
  const [, named] = /\*\*Maturity\.\*\* Version (\S+),/.exec(document("README.md").text) ?? [];
  expect([released, named]).toEqual([version, version]);
});

/** Lines of more than 120 columns, or 160 in a generated table; a word without a blank, such as a key, is not broken. */
function longLines(text: string): string[] {
  const generated = /<!-- (\w+):begin -->.*?<!-- \1:end -->/gs;
  const tables = [...text.matchAll(generated)].flatMap(([part]) => part.split("\n").filter((line) => line.startsWith("|") && line.length > 160));
  const others = text.replace(generated, (part) => part.replace(/^\|.*$/gm, "")).split("\n");
  return [...tables, ...others.filter((line) => line.length > 120 && !/^\s*(?:[-\w:+]+ ){0,2}\S{100,}$/.test(line))];
}

describe("lines of a page have at most 120 columns, those of generated tables 160", () => {
  test.each(MARKDOWN.map((page) => [page.path, page] as const))("%s", (_, { text }) => {
    expect(longLines(text)).toEqual([]);
  });

  test("a longer one would be noticed: prose, a table, a command, a generated table", () => {
    const line = `${"word ".repeat(24)}word`;
    const long = [line, `| ${line} |`, `\`\`\`sh\n${line}\n\`\`\``, `<!-- x:begin -->\n| ${line}${line} |\n<!-- x:end -->`];
    expect(long.map((text) => longLines(text).length)).toEqual([1, 1, 1, 1]);
    expect(longLines(`| ${line.slice(0, 110)} |\n<!-- x:begin -->\n| ${line} |\n<!-- x:end -->\n- ssh-rsa ${"A".repeat(140)}`)).toEqual([]);
  });
});

test("the changelog has a place for what is not released", () => {
  expect(document("CHANGELOG.md").text).toMatch(/^## \[Unreleased\]\n\n(### (Added|Changed|Deprecated|Removed|Fixed|Security)\n\n- |## \[)/m);
});

test("the licence is the one that package.json names", () => {
  expect(document("LICENSE").text).toMatch(/^\s*Apache License\n\s*Version 2\.0, January 2004\n.*END OF TERMS AND CONDITIONS/s);
});

describe(".ci/run", () => {
  test("can be run, and runs every level in turn", () => {
    const { text } = document(".ci/run");
    expect(() => accessSync(join(ROOT, ".ci/run"), constants.X_OK)).not.toThrow();
    expect([...text.matchAll(/^(?:[A-Z_]+=\d+ )?level (npm .*)$/gm)].map(([, command]) => command)).toEqual([
      "npm test",
      "npm test -- environment/fuzz",
      "npm run test:terraform",
      "npm run e2e",
      "npm run test:host",
    ]);
  });

  test("is a script that bash can read", () => {
    const { status, stderr, error } = spawnSync("bash", ["-n", ".ci/run"], { cwd: ROOT, encoding: "utf8" });
    expect([error?.message, status, stderr]).toEqual([undefined, 0, ""]);
  });
});
