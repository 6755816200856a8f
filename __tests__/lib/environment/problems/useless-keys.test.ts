import { stringify } from "yaml";
import { ConfigurationError } from "../../../../constructs/core/errors";
import { parseEnvironment } from "../../../../lib/environment/load";
import { schemaAt } from "../../../../lib/environment/problems/schema-walk";
import { USELESS } from "../../../../lib/environment/problems/useless-keys";
import { environmentSchema } from "../../../../lib/environment/schema";
import { planOf } from "../../../support/application";
import { AUTHORITY } from "../arbitraries";

type Block = Readonly<Record<string, unknown>>;

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw";
const BASE = {
  domain: "wiki.example.com",
  users: [{ name: "alice", displayName: "Alice", email: "alice@example.com", groups: ["admin"] }],
  wiki: { admin: { email: "admin@example.com" } },
};
const LIMITS = { memory: "300M", cpus: 2 };

/** For each row of the table: a combination in which its keys do nothing, values for all of them, and one in which they do something. */
const ROWS: readonly (readonly [useless: Block, values: Block, useful: Block])[] = [
  [{}, { docker: { hostKey: KEY } }, { docker: { host: "ssh://deploy@203.0.113.10" } }],
  [{}, { docker: { certificates: "/etc/docker/client" } }, { docker: { host: "tcp://203.0.113.10:2376" } }],
  [
    {},
    { state: { organization: "example", workspace: "wiki", project: "wikis", hostname: "tfe.example.com" } },
    { state: { backend: "cloud", organization: "other", workspace: "other" } },
  ],
  [{}, { secrets: { version: 7 } }, { secrets: { variables: true }, mail: { host: "smtp.example.com", user: "wiki", from: "wiki@example.com" } }],
  [{}, { tls: { email: "ops@example.com", staging: true, challenge: { delay: "2m" } } }, { tls: { issuer: "letsencrypt", email: "a@example.com" } }],
  [{}, { tls: { ca: AUTHORITY } }, { tls: { issuer: "files" } }],
  // what browsers list is nothing of the plan
  [{ domain: "wiki.internal" }, {}, {}],
  [{}, { dns: { zone: "example.com", wildcard: true } }, { dns: { provider: "cloudflare", zone: "wiki.example.com", ipv4: "203.0.113.10" } }],
  [{}, { networks: { proxy6: "fd80:10:1::/64" } }, { ports: { ipv6: "::" } }],
  [{}, { traefik: { rateLimit: { trusted: { perMinute: 1000, burst: 500 } } } }, { access: { trusted: ["198.51.100.0/29"] } }],
  [{ signOn: { session: "1h" } }, {}, {}],
  [{ database: { external: { host: "db.example.com", ca: AUTHORITY } } }, { database: { bufferPool: "512M", slowQuery: "2s", memory: "2G", cpus: 4 } }, {}],
  [{ mail: { host: "smtp.example.com", from: "a@example.com", tls: false } }, {}, {}],
  [{}, { wiki: { webhookCa: AUTHORITY } }, { wiki: { webhooks: ["hooks.example.com"] } }],
  [
    {},
    { backup: { check: "Monday 03:00", remoteKeep: { last: 3, daily: 3, weekly: 3, monthly: 3 } } },
    { backup: { remotes: [{ name: "nas", kind: "rclone", path: "nas:wiki" }] } },
  ],
  [
    { monitoring: { enabled: false }, mail: { host: "smtp.example.com", from: "a@example.com" } },
    {
      monitoring: {
        interval: "30s",
        retentionDays: 3,
        retentionSize: "1G",
        ...Object.fromEntries(["prometheus", "alertmanager", "grafana", "nodeExporter", "mysqldExporter", "containerMetrics"].map((part) => [part, LIMITS])),
      },
      alerts: {
        email: "ops@example.com",
        webhook: true,
        deadMan: true,
        pending: "1m",
        window: "20m",
        groupInterval: "1m",
        repeat: "1h",
        thresholds: { cpuPercent: 50 },
      },
    },
    { mail: { host: "smtp.example.com", from: "a@example.com" } },
  ],
  [{ monitoring: { enabled: false } }, { monitoring: { dockerRoot: "/srv/docker" } }, {}],
  [{}, { alerts: { groupInterval: "1m", repeat: "1h" } }, { alerts: { webhook: true } }],
];

function merged(first: Block, ...others: readonly Block[]): Block {
  const result: Record<string, unknown> = { ...first };
  for (const [key, value] of others.flatMap((other) => Object.entries(other))) {
    const before = result[key];
    result[key] = isBlock(before) && isBlock(value) ? merged(before, value) : value;
  }
  return result;
}

function isBlock(value: unknown): value is Block {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The plan of an environment, whether the loader refuses it for keys without effect or not. */
function plan(file: Block): string {
  return planOf({ ...environmentSchema.parse(file), name: "useless" });
}

function problems(file: Block): readonly string[] {
  try {
    parseEnvironment("useless", stringify(file), "useless.yaml");
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

function has(file: Block, key: string): boolean {
  return key.split(".").reduce<unknown>((block, part) => (block as Block | undefined)?.[part], file) !== undefined;
}

const CASES = USELESS.map((row, index) => [row.keys.join(", "), row, ...(ROWS[index] ?? [{}, {}, {}])] as const);

test("each row of the table is tried", () => {
  expect(ROWS.length).toBe(USELESS.length);
  for (const { keys, on } of USELESS) {
    for (const key of [...keys, ...on]) expect([key, schemaAt(key.split("."), environmentSchema).def.type]).not.toEqual([key, "never"]);
  }
});

const TRIED = CASES.filter(([, , , values]) => Object.keys(values).length > 0);

describe("keys without effect are refused", () => {
  test.each(TRIED)("%s", (_, row, useless, values) => {
    const bare = merged(BASE, useless);
    const full = merged(bare, values);
    for (const key of row.keys) expect([key, has(values, key)]).toEqual([key, true]);
    expect(problems(bare)).toEqual([]);
    const found = problems(full);
    expect(found.map((problem) => /^line \d+: (\S+): .*has no effect .*; remove it, or /.exec(problem)?.[1]).sort()).toEqual([...row.keys].sort());
  });

  test("an inactivity that is longer than the session", () => {
    expect(problems({ ...BASE, signOn: { session: "30m", inactivity: "2h" } })).toEqual([
      'line 13: signOn.inactivity: "2h" has no effect because it is longer than signOn.session, which ends first; remove it, or raise signOn.session',
    ]);
    // the default is longer, too, and was not written
    expect(problems({ ...BASE, signOn: { session: "30m" } })).toEqual([]);
  });

  test("a list for browsers that has no private names", () => {
    expect(problems({ ...BASE, domain: "wiki.internal", tls: { hstsPreload: true } })).toEqual([
      "line 12: tls.hstsPreload: true has no effect because browsers list no private names; remove it, or serve the wiki below a public domain",
    ]);
  });

  test("an authority for a mail server without TLS", () => {
    const mail = { host: "smtp.example.com", from: "a@example.com", tls: false, ca: AUTHORITY };
    expect(problems({ ...BASE, mail })).toEqual([
      expect.stringMatching(/: mail\.ca: has no effect while mail\.tls is false; remove it, or set mail\.tls to true$/),
    ]);
  });

  test("what says the same as the default is let through", () => {
    const file = { tls: { staging: false }, secrets: { version: 1 }, dns: { wildcard: false }, backup: { remoteKeep: { last: 10 } }, alerts: { repeat: "4h" } };
    expect(problems(merged(BASE, file))).toEqual([]);
    expect(problems(merged(BASE, { monitoring: { enabled: false, interval: "15s", grafana: { cpus: 1 } } }))).toEqual([]);
  });

  test("is not reported if the deciding value is invalid itself", () => {
    expect(problems({ ...BASE, tls: { issuer: "letsencript", email: "ops@example.com" } })).toEqual([
      'line 12: tls.issuer must be "local" or "letsencrypt" or "files", got "letsencript"',
    ]);
  });
});

/** Rows whose values are in a file that is not loaded. */
const WRITTEN_DOWN = ["backup.check", "alerts.groupInterval"];
const PLANNED = TRIED.filter(([, { keys }]) => !keys.some((key) => WRITTEN_DOWN.includes(key)));

test.each([
  ["with monitoring", true],
  ["without", false],
])("keys without effect change nothing in the plan, %s", (_, monitored) => {
  const rows = PLANNED.filter(([, , useless]) => !("monitoring" in useless) === monitored);
  expect(rows.length).toBeGreaterThan(1);
  const bare = merged(BASE, ...rows.map(([, , useless]) => useless));
  expect(plan(merged(bare, ...rows.map(([, , , values]) => values)))).toBe(plan(bare));
});

const asked = Number(process.env.PROPERTY_RUNS ?? 0) > 0;
(asked ? describe : describe.skip)("with what decides set otherwise, the same keys change the plan", () => {
  test.each(PLANNED.filter(([, , , , useful]) => Object.keys(useful).length > 0))("%s", (_, _row, _useless, values, useful) => {
    const there = merged(BASE, useful);
    expect(plan(merged(there, values, useful))).not.toBe(plan(there));
  });
});
