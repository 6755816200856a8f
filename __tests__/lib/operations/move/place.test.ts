import { parse } from "yaml";
import { withPlace } from "../../../../lib/operations/move/place";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw";
const FILE = `# our wiki
domain: wiki.example.com # public
docker:
  # rented until 2027
  host: ssh://deploy@203.0.113.10
  hostKey: ssh-ed25519 OLD
  registryLogins: [registry.example.com]
users:
  - { name: alice, displayName: Alice, email: alice@example.com }
`;

test("only the Docker host changes in the environment file; comments stay", () => {
  expect(withPlace(FILE, { host: "ssh://deploy@203.0.113.20", hostKey: KEY })).toBe(
    FILE.replace("203.0.113.10", "203.0.113.20").replace("ssh-ed25519 OLD", KEY),
  );
});

test("a key of the old Docker host does not stay for the new one", () => {
  expect(withPlace(FILE, { host: "unix:///var/run/docker.sock" })).toBe(
    FILE.replace("ssh://deploy@203.0.113.10", "unix:///var/run/docker.sock").replace("  hostKey: ssh-ed25519 OLD\n", ""),
  );
});

test("a file without the block gets one", () => {
  const text = "domain: wiki.example.com\n";
  expect(withPlace(text, { host: "tcp://203.0.113.20:2376", certificates: "/certificates" })).toBe(
    `${text}docker:\n  host: tcp://203.0.113.20:2376\n  certificates: /certificates\n`,
  );
});

test("keys that are not there yet come below the host", () => {
  const text = FILE.replace("  hostKey: ssh-ed25519 OLD\n", "");
  expect(withPlace(text, { host: "ssh://deploy@203.0.113.20", hostKey: KEY })).toBe(
    text.replace("host: ssh://deploy@203.0.113.10\n", `host: ssh://deploy@203.0.113.20\n  hostKey: ${KEY}\n`),
  );
  expect(withPlace("docker:\n    registryLogins: [a.example.com]", { host: "ssh://deploy@203.0.113.20" })).toBe(
    "docker:\n    host: ssh://deploy@203.0.113.20\n    registryLogins: [a.example.com]",
  );
});

test.each([
  "docker: { host: ssh://deploy@203.0.113.10, hostKey: OLD }\n",
  '{ "docker": { "host": "ssh://deploy@203.0.113.10" }, "domain": "a.example.com" }\n',
])("a block in braces is changed, too: %j", (text) => {
  const place = { host: "ssh://deploy@203.0.113.20", hostKey: KEY };
  expect(parse(withPlace(text, place))).toEqual({ ...parse(text), docker: place });
  expect(parse(withPlace(text, { host: "unix:///run/docker.sock" })).docker).toEqual({ host: "unix:///run/docker.sock" });
});
