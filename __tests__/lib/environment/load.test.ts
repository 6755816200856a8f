import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ConfigurationError } from "../../../constructs/core/errors";
import { environmentNames, loadEnvironment, loadEnvironments } from "../../../lib/environment/load";

const GOOD =
  "domain: wiki.example.com\nusers: [{ name: alice, displayName: Alice, email: alice@example.com }]\nwiki: { admin: { email: admin@example.com } }\n";
const COPY = "a new one begins as a copy of environments/production.example.yaml";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "environments-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function put(file: string, content: string | Uint8Array = GOOD): string {
  const path = join(directory, file);
  writeFileSync(path, content);
  return path;
}

function refusal(action: () => unknown): Pick<ConfigurationError, "where" | "problems"> {
  try {
    action();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { where: error.where, problems: error.problems };
  }
  throw new Error("nothing was refused");
}

const problemsOf = (name: string) => refusal(() => loadEnvironment(name, directory)).problems;

describe("environmentNames", () => {
  test("are those of the files, in alphabetical order", () => {
    for (const file of ["test.yaml", "local.yaml", "b-2.yaml"]) put(file);
    expect(environmentNames(directory)).toEqual(["b-2", "local", "test"]);
  });

  test("leave out examples, other files and what editors hide", () => {
    for (const file of ["production.example.yaml", "schema.json", "notes.txt", "local.yaml~", ".local.yaml", ".#local.yaml"]) put(file);
    expect(environmentNames(directory)).toEqual([]);
  });

  test("are none without a directory", () => {
    expect(environmentNames(join(directory, "missing"))).toEqual([]);
  });

  test("are those of this repository by default", () => {
    expect(environmentNames()).toContain("local");
    expect(environmentNames()).not.toContain("production.example");
  });

  test("cannot be read from a file", () => {
    const file = put("file");
    expect(refusal(() => environmentNames(file))).toEqual({
      where: relative(process.cwd(), file),
      problems: ["cannot be listed (ENOTDIR); it must be a directory that you may read"],
    });
  });
});

describe("loadEnvironment", () => {
  test("reads the file of that name", () => {
    put("staging.yaml");
    expect(loadEnvironment("staging", directory)).toMatchObject({ name: "staging", domain: "wiki.example.com" });
  });

  test("reads a file behind a symbolic link", () => {
    symlinkSync(put("elsewhere"), join(directory, "staging.yaml"));
    expect(loadEnvironment("staging", directory)).toMatchObject({ name: "staging" });
  });

  test("reads the local environment of this repository by default", () => {
    expect(loadEnvironment("local")).toMatchObject({ name: "local", domain: "wiki.localhost" });
  });

  test("names the file from where the command was started", () => {
    put("staging.yaml", "domain: 1\n");
    expect(refusal(() => loadEnvironment("staging", directory)).where).toBe(relative(process.cwd(), join(directory, "staging.yaml")));
  });
});

describe("a file that is not there", () => {
  test("when there is none", () => {
    expect(problemsOf("production")).toEqual([`no such file; there is none yet, and ${COPY}`]);
  });

  test("when there are others", () => {
    put("local.yaml");
    put("test.yaml");
    expect(problemsOf("production")).toEqual([`no such file; there is local, test, and ${COPY}`]);
  });

  test("when one has a similar name", () => {
    put("local.yaml");
    put("production.yaml");
    expect(problemsOf("prodution")).toEqual(["no such file; did you mean production?"]);
    expect(problemsOf("Local")).toEqual(["no such file; did you mean local?"]);
  });

  test.each(["production.yml", "production.YAML"])("when it is called %s", (file) => {
    put(file);
    expect(problemsOf("production")).toEqual([`no such file; rename ${file} to production.yaml`]);
  });

  test.each(["", "../secret", "production.example", "a\nb", "production.yaml", "\u0000", "x".repeat(5000)])("when its name is %j", (name) => {
    put("production.example.yaml");
    put("test.yaml");
    const { where, problems } = refusal(() => loadEnvironment(name, directory));
    expect(problems).toEqual([`no such file; there is test, and ${COPY}`]);
    expect(where).not.toContain("\n");
  });
});

describe("a file whose name is none of an environment", () => {
  test.each(["Production", "1st", "-x", "a_b", "a b", "prod.eu", "é", "x".repeat(32)])("%s", (name) => {
    put(`${name}.yaml`);
    expect(environmentNames(directory)).toEqual([name]);
    expect(problemsOf(name)).toEqual([`the name "${name}" must be 1 to 31 lower-case letters, digits or "-", and begin with a letter; rename the file`]);
  });
});

describe("what is no readable file", () => {
  test("a directory", () => {
    mkdirSync(join(directory, "staging.yaml"));
    expect(problemsOf("staging")).toEqual(["is no file; put a file in its place"]);
  });

  test("a symbolic link to nothing", () => {
    symlinkSync("missing", join(directory, "staging.yaml"));
    expect(problemsOf("staging")).toEqual(["is a symbolic link to a file that does not exist; point it to one that does"]);
  });

  test("symbolic links in a circle", () => {
    symlinkSync("other.yaml", join(directory, "staging.yaml"));
    symlinkSync("staging.yaml", join(directory, "other.yaml"));
    expect(problemsOf("staging")).toEqual(["is a symbolic link to itself; replace it by a file"]);
  });

  test("a symbolic link through a file", () => {
    symlinkSync(join(put("file"), "below"), join(directory, "staging.yaml"));
    expect(problemsOf("staging")).toEqual(["cannot be read (ENOTDIR); look at the file and its directory"]);
  });

  test("a device", () => {
    symlinkSync("/dev/zero", join(directory, "staging.yaml"));
    expect(problemsOf("staging")).toEqual(["is no file; put a file in its place"]);
  });

  test("a file that is far too large", () => {
    put("staging.yaml", `${GOOD}${"# more\n".repeat(20_000)}`);
    expect(problemsOf("staging")).toEqual(["has 140142 bytes, where an environment has 65536 or fewer; put an environment in its place"]);
  });
});

describe("a file that is no text in UTF-8", () => {
  test.each([
    ["Latin-1", Buffer.from(`${GOOD}# Élodie\n`, "latin1"), 4],
    ["a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00]), 1],
    ["a character that is cut off", Buffer.concat([Buffer.from(GOOD), Buffer.from([0xe2, 0x82])]), 4],
    ["an overlong character", Buffer.concat([Buffer.from("# "), Buffer.from([0xc0, 0x80])]), 1],
    ["half of a surrogate pair", Buffer.concat([Buffer.from(GOOD), Buffer.from([0xed, 0xa0, 0x80])]), 4],
  ])("%s", (_, content, line) => {
    put("staging.yaml", content);
    expect(problemsOf("staging")).toEqual([`line ${line}: no text in UTF-8; save the file as UTF-8`]);
  });

  test.each([
    ["a byte order mark", Buffer.from(`\uFEFF${GOOD}`, "utf16le"), "little-endian"],
    ["none", Buffer.from(GOOD, "utf16le"), "little-endian"],
    ["the other order", Buffer.from(`\uFEFF${GOOD}`, "utf16le").swap16(), "big-endian"],
  ])("UTF-16 with %s", (_, content, order) => {
    put("staging.yaml", content);
    expect(problemsOf("staging")).toEqual([`is text in UTF-16, ${order}; save the file as UTF-8`]);
  });

  test("UTF-8 with a byte order mark is one", () => {
    put("staging.yaml", `\uFEFF${GOOD}`);
    expect(loadEnvironment("staging", directory)).toMatchObject({ domain: "wiki.example.com" });
  });
});

describe("all environments at once", () => {
  test("lists the problems of every file, each with its file", () => {
    put("alpha.yaml", "domain: alpha\n");
    put("beta.yaml", GOOD);
    put("gamma.yaml", "domian: x\n");
    expect(() => loadEnvironments(directory)).toThrow(/alpha\.yaml: line 1: domain: [\s\S]*gamma\.yaml: .*did you mean/);
  });
});
