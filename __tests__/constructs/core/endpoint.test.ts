import { Endpoint } from "../../../constructs/core/endpoint";

describe("Endpoint", () => {
  test.each([
    ["hooks.example.com", "hooks.example.com:443"],
    ["hooks.example.com:8443", "hooks.example.com:8443"],
    ["chat:1", "chat:1"],
    ["a.b:65535", "a.b:65535"],
  ])("reads %s", (text, read) => {
    expect(`${Endpoint.parse(text, 443)}`).toBe(read);
  });

  test.each(["", ":443", "a.b:", "a.b:0", "a.b:65536", "a.b:443:1", "A.b", "192.0.2.1", "192.0.2.1:443", "[::1]:443", "a.b\n", "a.b:443\n", "a b", "*.a.b"])(
    "refuses %j",
    (text) => {
      expect(() => Endpoint.parse(text, 443)).toThrow("is not host or host:port");
    },
  );
});
