import { parseEnvironment } from "../../../lib/environment/load";
import { type NewEnvironment, renderEnvironmentFile } from "../../../lib/operations/init/environment-file";
import { sshTarget } from "../../../lib/operations/init/host-keys";
import { Checkout } from "../../support/checkout";

jest.setTimeout(120_000);

const ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw";
const ECDSA =
  "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=";
const SMALL: NewEnvironment = { domain: "wiki.localhost", administrator: "admin@wiki.localhost", users: [{ name: "alice", email: "alice@example.com" }] };

describe("a file that was rendered", () => {
  test.each<[string, NewEnvironment]>([
    ["for this machine", SMALL],
    [
      "for a server",
      {
        ...SMALL,
        domain: "wiki.example.com",
        server: { user: "deploy", address: "203.0.113.10", port: 22, keys: [{ key: ED25519, fingerprint: "" }], hardened: false },
      },
    ],
    [
      "for a server that is hardened, with mail",
      {
        ...SMALL,
        domain: "wiki.example.com",
        users: [
          { name: "alice", email: "alice@example.com" },
          { name: "bob", email: "bob@example.com" },
        ],
        server: {
          user: "deploy",
          address: "wiki.example.com",
          port: 2222,
          keys: [ED25519, ECDSA].map((key) => ({ key, fingerprint: "" })),
          hardened: true,
        },
        mail: { host: "smtp.example.com", user: "wiki", from: "wiki@example.com" },
      },
    ],
  ])("%s is one that the loader accepts, and short", (_, wanted) => {
    const text = renderEnvironmentFile(wanted);
    const environment = parseEnvironment("new", text, "new.yaml");
    expect(text.split("\n").length).toBeLessThanOrEqual(20);
    expect(environment.users.map(({ name, groups }) => [name, groups])).toEqual(wanted.users.map(({ name }, index) => [name, index === 0 ? ["admin"] : []]));
    expect(environment.host !== undefined).toBe(wanted.server?.hardened ?? false);
    expect(environment.mail?.host).toBe(wanted.mail?.host);
  });
});

test.each([
  ["deploy@203.0.113.10", { user: "deploy", address: "203.0.113.10", port: 22 }],
  ["root@wiki.example.com:2222", { user: "root", address: "wiki.example.com", port: 2222 }],
  ["deploy@[2001:db8::10]:2222", { user: "deploy", address: "2001:db8::10", port: 2222 }],
  ["203.0.113.10", undefined],
  ["deploy@-oProxyCommand=x", undefined],
  ["deploy:secret@203.0.113.10", undefined],
])("%s is a target of SSH: %j", (text, target) => {
  expect(sshTarget(text)).toEqual(target);
});

describe("npm run init without a terminal", () => {
  const checkout = Checkout.whole();
  afterAll(() => checkout.remove());

  const scanned = `[203.0.113.10]:22 ${ECDSA}\n203.0.113.10 ${ED25519}`;
  const PATH = checkout.path("ssh", {
    "ssh-keyscan": `echo '# a comment'; echo '${scanned}'`,
    "ssh-keygen": "echo '256 SHA256:fingerprint no comment (ED25519)'",
  });

  test("names every option that is missing, and writes nothing", async () => {
    const { status, stdout, stderr } = await checkout.run("init new --server deploy@203.0.113.10", { PATH });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toBe("without a terminal these options are needed\n  → --domain wiki.example.com\n    --users alice=alice@example.com\n");
  });

  test("reads the host keys, shows their fingerprints, and writes a file that can be used at once", async () => {
    const commandLine = "init new --server deploy@203.0.113.10 --domain wiki.example.com --users alice=alice@example.com --harden";
    const { status, stdout, stderr } = await checkout.run(commandLine, { PATH });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/\nHost keys of 203\.0\.113\.10:\n {2}ssh-ed25519 {2}SHA256:fingerprint\n {2}ecdsa-sha2-nistp256 {2}SHA256:fingerprint\n/);
    expect(stdout).toMatch(/\nNext\n {2}npm start -- new\n {2}npm run deploy -- new\n/);
    expect(checkout.read("environments/new.yaml")).toContain(`docker: { host: ssh://deploy@203.0.113.10, hostKey: ${ED25519} }\nhost:\n`);
    const again = await checkout.run(commandLine, { PATH });
    expect([again.status, again.stderr]).toEqual([1, expect.stringMatching(/^environments\/new\.yaml already exists; nothing was changed\n/)]);
  });

  test("says what is wrong with an option", async () => {
    const { status, stderr } = await checkout.run("init other --users alice", { PATH });
    expect([status, stderr]).toEqual([1, '--users: must be name=email, separated by commas, got "alice"\n  → --users alice=alice@wiki.localhost\n']);
  });
});
