import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { changedFiles, jestArguments, relatedTo } from "../../tools/related-tests";
import { describeUnless, missingProgram, ROOT } from "../support/needs";

const READERS = ["__tests__/architecture.test.ts", "__tests__/docs.test.ts", "__tests__/library.test.ts"];
const related = (...files: readonly string[]) => {
  const found = relatedTo(files, ROOT);
  return found === "everything" ? found : found.map((file) => relative(ROOT, file));
};

describe("npm test -- --changed", () => {
  test("leaves other arguments of jest alone", () => {
    expect(jestArguments(["policy", "--verbose"], ROOT)).toEqual(["policy", "--verbose"]);
  });

  test("a changed source selects its tests, and those that read every source", () => {
    expect(related("constructs/core/duration.ts")).toEqual(["constructs/core/duration.ts", ...READERS]);
  });

  test("a changed script selects the tests of the sources that name it", () => {
    expect(related("constructs/host/assets/secrets.sh")).toEqual(expect.arrayContaining(["__tests__/constructs/host/secrets-tool.test.ts", ...READERS]));
    expect(related("environments/local.yaml")).toEqual(expect.arrayContaining(["__tests__/support/example.ts"]));
  });

  test.each(["package-lock.json", "jest.config.js", "tsconfig.json", "__tests__/support/jest-runtime.js"])("a change of %s can affect every test", (file) => {
    expect(related(file)).toBe("everything");
  });

  test("a removed source is not handed to jest, and no change runs no test", () => {
    expect(related("lib/gone.ts")).toEqual(READERS);
    expect(related()).toEqual([]);
  });

  test("jest finds the tests that import a changed source, over other sources", () => {
    const files = relatedTo(["constructs/core/duration.ts"], ROOT);
    const { stdout } = spawnSync(process.execPath, ["node_modules/jest/bin/jest.js", "--listTests", "--findRelatedTests", ...files], {
      cwd: ROOT,
      encoding: "utf8",
    });
    const found = stdout.trim().split("\n").map((file) => relative(ROOT, file)); // biome-ignore format: one thought
    expect(found).toEqual(expect.arrayContaining(["__tests__/constructs/core/duration.test.ts", "__tests__/plan.test.ts", ...READERS]));
    expect(found).not.toContain("__tests__/lib/cli/install.test.ts");
  });
});

describeUnless(missingProgram("git"), "changed files", () => {
  const directory = mkdtempSync(join(tmpdir(), "changed-"));
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-C", directory, "-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const file = (path: string, text: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  beforeAll(() => {
    git("init", "--quiet", "--initial-branch=main");
    for (const name of ["lib/a.ts", "lib/b.ts", "lib/c.ts"]) file(name, name);
    file(".gitignore", "ignored.ts\n");
    git("add", ".");
    git("commit", "--quiet", "--message=first");
    git("switch", "--quiet", "--create=work");
    file("lib/a.ts", "committed on the branch");
    git("commit", "--quiet", "--all", "--message=second");
    file("lib/b.ts", "not committed");
    file("lib/new.ts", "not added");
    file("ignored.ts", "ignored");
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test("are those of the branch, committed or not", () => {
    expect(changedFiles(directory)).toEqual(["lib/a.ts", "lib/b.ts", "lib/new.ts"]);
  });

  test("are none where nothing changed, and jest runs nothing", () => {
    const clone = join(directory, "clone");
    git("clone", "--quiet", ".", clone);
    expect(jestArguments(["--changed=HEAD"], clone)).toEqual(["--passWithNoTests", "--onlyChanged"]);
    rmSync(clone, { recursive: true });
  });

  test("are those since a commit that is named", () => {
    expect(changedFiles(directory, "work")).toEqual(["lib/b.ts", "lib/new.ts"]);
  });

  test("a commit that git does not know is refused", () => {
    expect(() => changedFiles(directory, "nowhere")).toThrow("--changed compares with nowhere, which git does not know");
  });
});
