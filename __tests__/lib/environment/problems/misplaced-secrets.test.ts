import { stringify } from "yaml";
import { ConfigurationError } from "../../../../constructs/core/errors";
import { redact } from "../../../../constructs/core/secret-kinds";
import { parseEnvironment } from "../../../../lib/environment/load";
import { keyPaths } from "../../../../lib/environment/problems/schema-walk";
import { environmentSchema } from "../../../../lib/environment/schema";
import { base64, hex, password, plain64 } from "../../../constructs/policy/generated";

const dashes = "-".repeat(5);
const pem = (kind: string) => `${dashes}BEGIN ${kind}PRIVATE KEY${dashes}\n${base64(48)}\n${base64(48, 1)}\n${dashes}END ${kind}PRIVATE KEY${dashes}`;

/** Secrets of every kind, assembled here so that this file contains none: what it is → a value, and the part that must never be shown. */
const SECRETS: readonly (readonly [what: string, value: string, hidden: string])[] = [
  ["a private key", pem(""), base64(48)],
  ["a private key", pem("OPENSSH "), base64(48, 1)],
  ["a private SSH key", `b3BlbnNzaC1rZXktdjE${plain64(80)}`, plain64(80)],
  ["a private age key", `AGE-SECRET-KEY-1${hex(29).toUpperCase()}`, hex(29).toUpperCase()],
  ["a key in Laravel's form", `base64:${base64(32)}`, base64(32)],
  ["the hash of a password", `$argon2id$v=19$m=65536,t=3,p=4$${plain64(22)}$${plain64(43)}`, plain64(43)],
  ["the hash of a password", `$2y$10$${plain64(53)}`, plain64(53)],
  ["a signed token", `eyJ${plain64(20)}.eyJ${plain64(30)}.${plain64(40)}`, plain64(40)],
  ["a GitHub token", `ghp_${password(36)}`, password(36)],
  ["a GitLab token", `glpat-${password(20)}`, password(20)],
  ["a Slack token", `xoxb-${password(40)}`, password(40)],
  ["the address of a Slack webhook", `https://hooks.slack.com/services/${password(40)}`, password(40)],
  ["the address of a Discord webhook", `https://discord.com/api/webhooks/123456789/${password(60)}`, password(60)],
  ["an AWS access key", `AKIA${password(16).toUpperCase()}`, password(16).toUpperCase()],
  ["a Google key", `AIza${password(35)}`, password(35)],
  ["a Stripe key", `sk_live_${password(24)}`, password(24)],
  ["a SendGrid key", `SG.${password(22)}.${password(43)}`, password(43)],
  ["a token of a package registry", `npm_${password(36)}`, password(36)],
  ["a Terraform Cloud token", `${password(14)}.atlasv1.${password(60)}`, password(60)],
  ["a Telegram bot token", `123456789:AA${password(33)}`, password(33)],
  ["a URL with a password", `ssh://deploy:${password(16)}@203.0.113.10`, password(16)],
];
const KEYS = keyPaths(environmentSchema);

function problemsOf(file: object): string {
  try {
    parseEnvironment("test", stringify(file), "test.yaml");
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return "";
}

const at = (path: readonly PropertyKey[], value: unknown) => path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object;

describe("a secret that was pasted is named by its kind, and never shown", () => {
  test.each(SECRETS)("%s, at every tenth key", (what, secret, hidden) => {
    for (const [index, path] of KEYS.entries()) {
      if (index % 10 !== SECRETS.findIndex(([, value]) => value === secret) % 10) continue;
      const message = problemsOf(at(path, secret));
      expect([path, message]).toEqual([path, expect.stringContaining(`${path.join(".")} holds ${what} (not shown); remove it and revoke it`)]);
      expect(message).not.toContain(hidden.slice(0, 12));
    }
  });

  test.each(SECRETS)("%s, in a list and below a key that is not known", (what, secret, hidden) => {
    const message = problemsOf({ users: [{ name: "alice", displayName: secret }], made: { up: secret } });
    expect(message.match(new RegExp(`holds ${what} \\(not shown\\)`, "g"))).toHaveLength(2);
    expect(message).not.toContain(hidden.slice(0, 12));
  });

  test.each(SECRETS)("%s, in whatever else is printed", (what, secret, hidden) => {
    const text = redact(`docker failed: ${secret} and more`);
    expect(text).toContain(`[${what}, not shown]`);
    expect(text).not.toContain(hidden.slice(0, 12));
  });
});

describe("for a secret under an unknown key the message says where it belongs", () => {
  test.each([
    [{ mail: { password: "hunter2" } }, "mail.password is not known; store it with: npm run secret -- <environment> smtp_password"],
    [
      { users: [{ name: "alice", password: "hunter2" }] },
      "users.0.password is not known; initial passwords are generated: npm run credentials -- <environment>",
    ],
    [{ wiki: { admin: { password: "hunter2" } } }, "wiki.admin.password is not known; it is generated: npm run credentials -- <environment>"],
    [{ cloudflare_dns_token: "x" }, "cloudflare_dns_token is not known; store it with: npm run secret -- <environment> cloudflare_dns_token"],
    [{ state: { backend: "cloud", token: "x" } }, "state.token is not known; sign in with: terraform login"],
    [{ database: { rootPassword: "x" } }, "database.rootPassword is not known; secrets are stored with: npm run secret -- <environment> <name>"],
  ])("%j", (file, expected) => {
    const message = problemsOf(file);
    expect(message).toContain(expected);
    expect(message).not.toContain("hunter2");
  });
});

test.each([
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw",
  `registry.example.com/mysql:8.4.11@sha256:${hex(32)}`,
  "https://wiki.example.com/a?b=c",
  "ssh://deploy@203.0.113.10:22",
])("public values are accepted: %s", (text) => {
  expect(redact(text)).toBe(text);
});

describe("a name that looks generated says what it looks like, and how to keep it", () => {
  const expected =
    "holds a text that looks generated (not shown); the policy keeps such texts out of the files of containers; remove it and revoke it if it is a secret; if it is a name, write it in words with blanks between them";
  const name = "aB3xK9pQ2rT7vW1yZ5cD8";

  test.each(["users.0.displayName", "mail.fromName", "wiki.admin.name"])("%s", (path) => {
    const [first = "", ...rest] = path.split(".");
    const value = rest[0] === "0" ? [{ displayName: name }] : rest.reduceRight<unknown>((inner, key) => ({ [key]: inner }), name);
    const message = problemsOf({ [first]: value });
    expect(message).toContain(`${path} ${expected}`);
    expect(message).not.toContain(name.slice(0, 8));
  });

  test.each(["Anna-Maria von Hohenstein", "Dr. Jean-Luc Picard 2nd", "OperationsTeamEuropeWest", "team-platform-2026-berlin"])("not %s", (displayName) => {
    expect(problemsOf({ users: [{ displayName }] })).not.toContain("looks generated");
  });

  test.each([
    ["state.organization", { state: { backend: "cloud", organization: name } }],
    ["images.mysql", { images: { mysql: `mysql@sha256:${"0a1b".repeat(16)}` } }],
  ])("not %s, of which no container knows", (_, file) => {
    expect(problemsOf(file)).not.toContain("looks generated");
  });
});
