import { ByteSize } from "../../../constructs/core/byte-size";
import { Duration } from "../../../constructs/core/duration";
import { answerTime, leastWikiMemory, requestLimits, uploadTime, usualPhpMemory, WIKI_BASE_MIB } from "../../../constructs/wiki/wiki-sizes";
import { PHP_WORKERS } from "../../../constructs/wiki/workers";

const sizes = (memory: string, phpMemory = `${usualPhpMemory(ByteSize.parse(memory))}`, timeLimit = "5m") => ({
  uploadLimit: ByteSize.parse("50M"),
  memory: ByteSize.parse(memory),
  phpMemory: ByteSize.parse(phpMemory),
  timeLimit: Duration.parse(timeLimit),
});

describe("memory of an expensive request", () => {
  test.each([
    ["256M", "64M", 1],
    ["512M", "288M", 1],
    ["768M", "512M", 1],
    ["1G", "512M", 1],
    ["2G", "912M", 2],
    ["4G", "1936M", 2],
  ])("follows from %s: %s, %i at a time", (memory, phpMemory, atOnce) => {
    expect(`${usualPhpMemory(ByteSize.parse(memory))}`).toBe(phpMemory);
    expect(requestLimits(sizes(memory)).expensive.atOnce).toBe(atOnce);
  });

  test.each(["300M", "512M", "768M", "777M", "1G", "1500M", "3G", "64G"])("of all at a time fits into %s beside everything else", (memory) => {
    for (const phpMemory of [undefined, "64M"]) {
      const { expensive } = requestLimits(sizes(memory, phpMemory));
      expect(expensive.atOnce * expensive.memory.mebibytes + WIKI_BASE_MIB).toBeLessThanOrEqual(ByteSize.parse(memory).mebibytes);
    }
  });

  test("is what the least memory of the wiki is for", () => {
    expect(`${leastWikiMemory(ByteSize.parse("1G"))}`).toBe("1248M");
  });
});

describe("an ordinary request", () => {
  test("never gets more than an expensive one", () => {
    const { page } = requestLimits(sizes("512M", "100M", "30s"));
    expect([`${page.memory}`, `${page.time}`]).toEqual(["100M", "30s"]);
    const usual = requestLimits(sizes("4G")).page;
    expect([`${usual.memory}`, `${usual.time}`]).toEqual(["256M", "1m0s"]);
  });

  test("always finds a worker: expensive ones, at work and waiting, never take all", () => {
    for (const memory of ["256M", "4G", "1T"]) {
      const { atOnce, waiting } = requestLimits(sizes(memory, "64M")).expensive;
      expect(atOnce + waiting).toBeLessThan(PHP_WORKERS);
    }
  });
});

describe("time of an upload", () => {
  test("is enough for the largest file over a line of 1 Mbit/s", () => {
    for (const limit of ["1M", "50M", "100M", "1G"]) {
      const uploadLimit = ByteSize.parse(limit);
      expect(uploadTime({ uploadLimit }).seconds).toBeGreaterThan((uploadLimit.bytes * 8) / 1_000_000);
    }
  });

  test("is never less than five minutes", () => {
    expect(`${uploadTime({ uploadLimit: ByteSize.parse("1M") })}`).toBe("5m0s");
  });
});

test("the edge waits longer than PHP may take, so that PHP is the one to explain", () => {
  const { expensive } = requestLimits(sizes("512M"));
  expect(answerTime({ timeLimit: expensive.time }).seconds).toBeGreaterThan(expensive.time.seconds + expensive.wait.seconds);
});
