import fc, { type Arbitrary, type Parameters } from "fast-check";
import { parse } from "yaml";
import { ByteSize } from "../../../constructs/core/byte-size";
import { Duration } from "../../../constructs/core/duration";
import { ConfigurationError } from "../../../constructs/core/errors";
import { Subnet } from "../../../constructs/core/subnet";
import { parseEnvironment } from "../../../lib/environment/load";
import type { Environment } from "../../../lib/environment/schema";
import { anyDocument, anyText, changedFile, environmentDocument } from "./arbitraries";

type Loader = (name: string, text: string, file: string) => unknown;

/** Throws unless `load` makes an environment of `text`, or says in whole lines what is wrong with it. */
function judge(load: Loader, text: string): "accepted" | "refused" {
  try {
    expectEnvironment(load("fuzz", text, "fuzz.yaml") as Environment);
    return "accepted";
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const problem of error.problems) expect(problem).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]*\S[^\p{C}\p{Zl}\p{Zp}]*$/u);
    return "refused";
  }
}

function expectEnvironment({ name, domain, timezone, ports, networks, wiki, database }: Environment): void {
  expect([name, typeof domain, typeof timezone, typeof wiki.admin.email, typeof wiki.admin.name]).toEqual(["fuzz", "string", "string", "string", "string"]);
  expect(ports.http).not.toBe(ports.https);
  for (const port of [ports.http, ports.https]) expect(Number.isInteger(port) && port > 0 && port < 65_536).toBe(true);
  for (const network of [networks.proxy, networks.backend, networks.database]) expect(network).toBeInstanceOf(Subnet);
  expect(networks.proxy.overlaps(networks.backend) || networks.proxy.overlaps(networks.database) || networks.backend.overlaps(networks.database)).toBe(false);
  for (const size of [wiki.memory, wiki.uploadLimit, database.memory]) expect(size).toBeInstanceOf(ByteSize);
  expect(database.slowQuery).toBeInstanceOf(Duration);
  expect(database.memory.mebibytes).toBeGreaterThanOrEqual(database.bufferPool.mebibytes + 512);
}

const SOURCES: readonly [name: string, texts: () => Arbitrary<string>, runs: number][] = [
  ["any text", anyText, 1000],
  ["documents with any values below real and nearly real keys", anyDocument, 500],
  ["documents of the shape of an environment", environmentDocument, 400],
  ["the real files, changed", changedFile, 500],
];

/** A failure prints its seed and path; put them here to see it again. */
const AGAIN: Parameters<[string]> = {};

describe("every file is read, or refused in whole lines", () => {
  test.each(SOURCES)("%s", (_, texts, numRuns) => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(texts(), (text) => {
        seen[judge(parseEnvironment, text)] += 1;
      }),
      { numRuns, interruptAfterTimeLimit: 3000, ...AGAIN },
    );
    expect(seen.refused).toBeGreaterThan(0);
  });

  test.each([
    ["documents of the shape of an environment", environmentDocument],
    ["the real files, changed", changedFile],
  ])("among %s are good ones", (_, texts) => {
    const verdicts = fc.sample(texts(), { numRuns: 60, seed: 1 }).map((text) => judge(parseEnvironment, text));
    expect(verdicts.filter((verdict) => verdict === "accepted").length).toBeGreaterThan(5);
  });
});

/** The loader, with its problems in another format. */
function retold(tell: (problems: readonly string[], text: string) => readonly string[]): Loader {
  return (name, text, file) => {
    try {
      return parseEnvironment(name, text, file);
    } catch (error) {
      throw new ConfigurationError(file, tell((error as ConfigurationError).problems, text));
    }
  };
}

const FAULTY: readonly [fault: string, load: Loader, texts: () => Arbitrary<string>][] = [
  ["believes every file", (name, text) => ({ ...parse(text), name }), anyDocument],
  ["lets errors of the parser out", (name, text, file) => parse(text) && parseEnvironment(name, text, file), anyText],
  ["forgets a relation", (...given) => ({ ...parseEnvironment(...given), ports: { http: 443, https: 443 } }), environmentDocument],
  ["forgets the name", (_, text, file) => parseEnvironment("", text, file), changedFile],
  ["says nothing about what is wrong", retold(() => []), changedFile],
  ["says empty lines", retold((problems) => [...problems, " "]), changedFile],
  ["quotes several lines of the file", retold((problems, text) => problems.map((problem) => `${problem}: ${text}`)), changedFile],
  ["quotes what a terminal obeys", retold((_, text) => [`no environment: ${text.slice(0, 40)}`]), anyText],
];

test.each(FAULTY)("a loader that %s is detected", (_, load, texts) => {
  const judged = fc.property(texts(), (text) => {
    judge(load, text);
  });
  const found = fc.check(judged, { numRuns: 500, seed: 1, endOnFailure: true });
  expect(found.failed).toBe(true);
  expect(fc.defaultReportMessage(found)).toContain("seed: 1");
});
