import { ConfigurationError } from "../../../constructs/core/errors";
import { imageProblem } from "../../../constructs/core/image-reference";
import { loadEnvironment, parseEnvironment } from "../../../lib/environment/load";

/** Problems of a minimal file with `line`. */
function messageFor(line: string, displayName = "Alice", email = "alice@example.com"): string {
  const users = JSON.stringify([{ name: "alice", displayName, email }]);
  try {
    parseEnvironment("test", `domain: wiki.example.com\nusers: ${users}\nwiki: { admin: { email: wiki@example.com } }\n${line}\n`, "test.yaml");
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return "";
}

describe("an image with a moving tag is refused", () => {
  test.each(["8", "8.4", "v3", "alpine", "innovation", "dev", "rc", "2026", "16.1", "latest", "lts-alpine", "8.4-oraclelinux9", "stable-slim"])(
    "mysql:%s",
    (tag) => {
      expect(imageProblem(`mysql:${tag}`)).toMatch(/moves; name the exact tag/);
    },
  );

  test.each(["8.4.11", "v3.7.11", "8.4-0.19.1", "8.4-3728ea298f67", "local", "2026.11.1", "26.5.1-ls3", `16.1@sha256:${"0".repeat(64)}`])(
    "mysql:%s is exact",
    (tag) => {
      expect(imageProblem(`mysql:${tag}`)).toBeUndefined();
    },
  );
});

describe("a name with characters that cannot be seen is refused", () => {
  test.each(["\u200B", "Al\u200Bice", "\u202Eecila", "\u2066Alice", "Al\uFEFFice", "\uD800lice"])("%j", (name) => {
    expect(messageFor("", name)).toMatch(/users\.0\.displayName: .* (has characters that cannot be seen|is no name)/);
  });

  test.each(["Zoë", "José María", "王小明", "محمد", "O'Brien", "👩\u200D💻 Ann"])("%s is a name", (name) => {
    expect(messageFor("", name)).toBe("");
  });
});

describe("e-mail addresses", () => {
  test.each(["o'brien@example.com", "ops+wiki@example.com", "jean.dupont-roy@mail.example.com"])("%s is one", (email) => {
    expect(messageFor("", "Alice", email)).toBe("");
  });

  test("a domain in upper case gets its remedy", () => {
    expect(messageFor("", "Alice", "Demo@Wiki.Example.com")).toContain(
      '"Demo@Wiki.Example.com" must have the part behind @ in lower case, such as Demo@wiki.example.com',
    );
  });

  test("the stock account is known in whatever case", () => {
    expect(messageFor("", "Alice", "Admin@admin.com")).toContain("is the stock account of BookStack");
  });
});

test.each(["0.0.0.0/1", "128.0.0.0/1", "0.0.0.0/7", "::/1", "2000::/3"])("%s is a large part of the internet", (range) => {
  expect(messageFor(`access: { trusted: ["${range}"] }`)).toContain(`"${range}" is a large part of the internet; list only the addresses that you mean`);
});

test.each(["10.0.0.0/8", "192.0.2.0/24", "2001:db8::/32"])("%s is a network", (range) => {
  expect(messageFor(`access: { trusted: ["${range}"] }`)).toBe("");
});

describe("a Docker host that cannot be used says why", () => {
  test.each([
    ["ssh://203.0.113.10:0", "is no Docker host that can be used"],
    ["ssh://deploy@2001:db8::10", "must have the IPv6 address in brackets"],
    ["ssh://a@-oProxyCommand=x", "is no Docker host that can be used"],
  ])("%s", (host, problem) => {
    expect(messageFor(`docker: { host: "${host}" }`)).toContain(problem);
  });
});

test("a host key is read in one way, whatever it is for", () => {
  const mixed = "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw";
  expect(messageFor(`docker: { host: "ssh://deploy@203.0.113.10", hostKey: "${mixed}" }`)).toContain("is no public key");
});

test("a list that is too long says how long it may be", () => {
  const users = Array.from({ length: 501 }, (_, index) => ({ name: `u${index}`, displayName: "U", email: `u${index}@example.com` }));
  const text = `domain: wiki.example.com\nusers: ${JSON.stringify(users)}\nwiki: { admin: { email: wiki@example.com } }\n`;
  expect(() => parseEnvironment("test", text, "test.yaml")).toThrow("users must have at most 500 entries, got 501");
});

test("the name of a file in place of that of its environment", () => {
  expect(() => loadEnvironment("local.yaml")).toThrow("name the environment without the ending of its file: local");
});
