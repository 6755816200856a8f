import { readSets } from "../../../../lib/operations/backup/sets";

const SNAPSHOTS = JSON.stringify([
  { time: "2026-01-31T01:00:00Z", tags: ["20260131T010000Z"], short_id: "a1", summary: { total_bytes_processed: 4096 } },
  { time: "2026-02-01T01:00:00Z", tags: ["20260201T010000Z"], short_id: "b2" },
]);

describe("readSets", () => {
  test("reads sets that were tried, that failed, and that were not tried yet", () => {
    const text = "set\t20260129T010000Z\t100\t1769700000\t1\nset\t20260130T010000Z\t200\t1769800000\t0\nset\t20260131T010000Z\t300\t-\t-\n";
    expect(readSets(text).sets).toMatchObject([
      { name: "20260129T010000Z", place: "local", made: "2026-01-29T01:00:00Z", bytes: 100, verified: "2026-01-29T15:20:00Z", good: true },
      { name: "20260130T010000Z", place: "local", made: "2026-01-30T01:00:00Z", bytes: 200, verified: "2026-01-30T19:06:40Z", good: false },
      { name: "20260131T010000Z", place: "local", made: "2026-01-31T01:00:00Z", bytes: 300, verified: undefined, good: undefined },
    ]);
  });

  test("reads the size of each part of a set at every place, and the last check of the set itself", () => {
    const name = "20260131T010000Z";
    const text = [
      `set\t${name}\t300\t-\t-`,
      `remote\toffsite\t-\t-\t${SNAPSHOTS}`,
      `part\t${name}\tdatabase\t100`,
      `part\t${name}\tuploads\t200`,
      `check\tlocal\t${name}\t1769700000\t0\tdatabase,uploads`,
      "",
    ].join("\n");
    const parts = { database: 100, uploads: 200 };
    expect(readSets(text).sets).toMatchObject([
      { place: "local", parts, check: { at: "2026-01-29T15:20:00Z", good: false, damaged: ["database", "uploads"] } },
      { name, place: "offsite", parts, check: undefined },
      { name: "20260201T010000Z", place: "offsite", parts: {}, check: undefined },
    ]);
  });

  test("reads what restic says of a remote", () => {
    expect(readSets(`remote\toffsite\t1769700000\t1\t${SNAPSHOTS}\n`).sets.map(({ name, place, bytes, good }) => [name, place, bytes, good])).toEqual([
      ["20260131T010000Z", "offsite", 4096, true],
      ["20260201T010000Z", "offsite", 0, true],
    ]);
  });

  test("reads a remote that did not answer, and one that is empty", () => {
    expect(readSets("absent\tnas\tno route to host\nremote\toffsite\t-\t-\t[]\n")).toEqual({
      sets: [],
      absent: [{ remote: "nas", reason: "no route to host" }],
    });
  });

  test("reads nothing from nothing", () => {
    expect(readSets("")).toEqual({ sets: [], absent: [] });
  });
});
