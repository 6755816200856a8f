import fc from "fast-check";
import { ByteSize } from "../../../constructs/core/byte-size";

describe("ByteSize", () => {
  test.each([
    ["512M", 512 * 2 ** 20],
    ["1G", 2 ** 30],
    ["64k", 64 * 2 ** 10],
    ["2TiB", 2 * 2 ** 40],
    ["1GB", 2 ** 30],
  ])("reads %s", (text, bytes) => {
    expect(ByteSize.parse(text).bytes).toBe(bytes);
  });

  test.each(["", "512", "M", "1.5G", "-1M", "1 G", "1P", "1Mi", "512M "])("refuses %j and shows how to write it", (text) => {
    expect(() => ByteSize.parse(text)).toThrow(`"${text}" is no size; write it like 512M or 1G`);
  });

  test("refuses what a number cannot hold exactly", () => {
    expect(() => ByteSize.parse("9000000T")).toThrow("more than can be counted");
  });

  test("is written in the largest unit that keeps it whole", () => {
    expect(["1024M", "1536M", "1024K", "1T"].map((text) => `${ByteSize.parse(text)}`)).toEqual(["1G", "1536M", "1M", "1T"]);
  });

  test("counts mebibytes rounded up, so that a limit is never below what was asked for", () => {
    expect(ByteSize.parse("1025K").mebibytes).toBe(2);
    expect(ByteSize.mebibytes(512).mebibytes).toBe(512);
  });

  test("is parsed back to the same value", () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 4096 }), fc.constantFrom("K", "M", "G", "T")).map(([count, unit]) => ByteSize.parse(`${count}${unit}`));
    fc.assert(fc.property(sizes, (size) => expect(ByteSize.parse(`${size}`).bytes).toBe(size.bytes)));
  });
});
