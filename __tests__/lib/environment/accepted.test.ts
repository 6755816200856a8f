import { parseEnvironment } from "../../../lib/environment/load";

const WIKI = "domain: wiki.example.com\nwiki: { admin: { email: admin@example.com } }\n";
const REST = `${WIKI}users: [{ name: alice, displayName: Alice, email: alice@example.com }]\n`;
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw";

function read(text: string) {
  return parseEnvironment("people", text, "people.yaml");
}

describe("what people have is accepted", () => {
  test.each(["jean.dupont", "anne-marie", "j.r.r_tolkien", "a.b-c", "null", "x1"])("the user name %s", (name) => {
    expect(read(`${WIKI}users: [{ name: "${name}", displayName: Example, email: s@example.com }]\n`).users[0]?.name).toBe(name);
  });

  test.each(["jean.", "-jean", "jean..dupont", "jean.-dupont", "Jean", "jean dupont", "jean@example.com", "1jean", "a".repeat(33)])(
    "not the user name %s, which a log, a file or a header would not have as it is",
    (name) => {
      expect(() => read(`${WIKI}users: [{ name: "${name}", displayName: Example, email: s@example.com }]\n`)).toThrow(/users\.0\.name: /);
    },
  );

  test("groups with dots, dashes and underscores", () => {
    expect(read(`${WIKI}users: [{ name: a, displayName: A, email: a@example.com, groups: [book-keepers, it_ops, eu.west] }]\n`).users[0]?.groups).toEqual([
      "book-keepers",
      "it_ops",
      "eu.west",
    ]);
  });

  test.each(["jean+wiki@example.com", "o'brien@example.com", "First.Last@sub.example.com", "a_b-c@example.com", "admin@localhost"])(
    "the address %s",
    (email) => {
      expect(read(`${WIKI}users: [{ name: a, displayName: A, email: "${email}" }]\n`).users[0]?.email).toBe(email);
    },
  );

  test.each([".a@example.com", "a.@example.com", "a..b@example.com", `${"a".repeat(65)}@example.com`, "a@b@example.com", "a b@example.com"])(
    "not the address %s, which mail servers refuse",
    (email) => {
      expect(() => read(`${WIKI}users: [{ name: a, displayName: A, email: "${email}" }]\n`)).toThrow(/is no e-mail address; write it like admin@example\.com/);
    },
  );

  test.each([
    "ssh://server.example.com",
    "ssh://server.example.com:2222",
    "ssh://my_alias",
    "ssh://[2001:db8::10]",
    "ssh://deploy@[2001:db8::10]:2222",
    "tcp://[2001:db8::10]:2376",
  ])("the Docker host %s", (host) => {
    expect(read(`${REST}docker: { host: "${host}" }\n`).docker.host).toBe(host);
  });

  test("a hardened host by its IPv6 address, however it is written", () => {
    const host = `host: { ssh: { address: "2001:DB8:0::10", hostKeys: [${KEY}] } }\n`;
    expect(read(`${REST}docker: { host: "ssh://deploy@[2001:db8::10]" }\n${host}`).host?.ssh?.address).toBe("2001:DB8:0::10");
    expect(() => read(`${REST}docker: { host: "ssh://deploy@[2001:db8::11]" }\n${host}`)).toThrow(
      "connects to 2001:DB8:0::10, but docker.host to 2001:db8::11",
    );
  });
});
