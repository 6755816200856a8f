import fc, { type Arbitrary, type Parameters } from "fast-check";
import { parse } from "yaml";
import { ByteSize } from "../../../constructs/core/byte-size";
import { Duration } from "../../../constructs/core/duration";
import { ConfigurationError } from "../../../constructs/core/errors";
import { Subnet } from "../../../constructs/core/subnet";
import { parseEnvironment } from "../../../lib/environment/load";
import type { Environment } from "../../../lib/environment/schema";
import { anyDocument, anyText, changedFile, environmentDocument } from "./arbitraries";

/** Something that can be seen, and no character that breaks a line, or that a terminal obeys or hides. */
const WHOLE_LINE = /^[^\p{C}\p{Zl}\p{Zp}]*\S[^\p{C}\p{Zl}\p{Zp}]*$/u;

type Loader = (name: string, text: string, file: string) => unknown;

/** Throws unless `load` makes an environment of `text`, or says in whole lines what is wrong with it. */
function judge(load: Loader, text: string): "accepted" | "refused" {
  try {
    expectEnvironment(load("fuzz", text, "fuzz.yaml") as Environment);
    return "accepted";
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    expect(error.problems.filter((problem) => !WHOLE_LINE.test(problem))).toEqual([]);
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

const { PROPERTY_RUNS, PROPERTY_SEED } = process.env;
/** Number of texts: the same ones each time, so that a test fails because of a change only; with PROPERTY_RUNS others. */
const RUNS = Number(PROPERTY_RUNS ?? 480);
const SEED = Number(PROPERTY_SEED ?? (PROPERTY_RUNS === undefined ? 14 : Date.now() % 2 ** 31));
/** A failure prints its path; put it here to see it again. */
const AGAIN: Parameters<[string]> = { seed: SEED };
jest.setTimeout(3_600_000);

const SOURCES: readonly [name: string, texts: () => Arbitrary<string>, share: number][] = [
  ["any text", anyText, 10 / 24],
  ["documents with any values below real and nearly real keys", anyDocument, 5 / 24],
  ["documents of the shape of an environment", environmentDocument, 4 / 24],
  ["the real files, changed", changedFile, 5 / 24],
];

describe("every file is read, or refused in whole lines", () => {
  beforeAll(() => {
    if (PROPERTY_RUNS !== undefined) process.stderr.write(`environment files: ${RUNS} texts with PROPERTY_SEED=${SEED}\n`);
  });

  test.each(SOURCES)("%s", (_, texts, share) => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(texts(), (text) => {
        seen[judge(parseEnvironment, text)] += 1;
      }),
      { numRuns: Math.ceil(share * RUNS), ...AGAIN },
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
