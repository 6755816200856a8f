import fc from "fast-check";
import { isHostName, isLoopback } from "../../../constructs/core/hostnames";

describe("isHostName", () => {
  test.each(["localhost", "wiki.example.com", "a-b.c1", "xn--bcher-kva.example", "a".repeat(63), "1.example"])("takes %s", (name) => {
    expect(isHostName(name)).toBe(true);
  });

  test.each([
    "",
    ".",
    "a.",
    ".a",
    "a..b",
    "-a.b",
    "a-.b",
    "A.b",
    "a_b.c",
    "bücher.example",
    "a b",
    "*.example.com",
    "a".repeat(64),
    `${"a.".repeat(127)}b`,
    "192.168.1.1",
    "a.b\n",
  ])("refuses %j", (name) => {
    expect(isHostName(name)).toBe(false);
  });

  test("never takes a character that means something to a shell, a URL, a rule or a certificate", () => {
    const texts = fc.string({ unit: fc.constantFrom(..."abz019.-._ \n*/:'$`Aä\0"), maxLength: 8 });
    fc.assert(fc.property(texts, (text) => !isHostName(text) || /^[a-z0-9.-]+$/.test(text)));
  });
});

describe("isLoopback", () => {
  test.each([
    ...["localhost", "LOCALHOST", "localhost.", "wiki.localhost", "localhost.localdomain", "localhost6", "ip6-localhost", "ip6-loopback"],
    ...["127.0.0.1", "127.1", "127.255.255.254", "0.0.0.0", "::1", "[::1]", "::", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"],
  ])("knows %s", (name) => {
    expect(isLoopback(name)).toBe(true);
  });

  test.each(["localhost.example.com", "mylocalhost", "smtp.example.com", "127.example.com", "128.0.0.1", "2001:db8::1", "::2", "fe80::1", ""])(
    "takes %j for another machine",
    (name) => {
      expect(isLoopback(name)).toBe(false);
    },
  );
});
