import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CAUSES } from "../../../../lib/operations/doctor/cause";
import { diagnose, exitCodeOf } from "../../../../lib/operations/doctor/diagnose";
import type { Facts } from "../../../../lib/operations/doctor/facts";
import { bugReport } from "../../../../lib/operations/doctor/report";
import { ROOT } from "../../../support/needs";
import { address, certificate, container, empty, engine, healthy, host } from "./facts";

/** Cause → what is changed in the facts of a wiki that works → what is found first, and its remedy. */
const FOUND: readonly (readonly [cause: string, fault: string, change: Partial<Facts>, pattern: RegExp, remedy: RegExp])[] = [
  ["engine", "no engine answers", { engine: { unknown: "no Docker engine answers at unix:///x" } }, /no Docker engine answers/, /systemctl start docker/],
  ["container-removed", "docker rm", container("local-bookstack", undefined), /local-bookstack is not there/, /^npm run deploy -- local$/],
  [
    "container-stopped",
    "docker stop",
    container("local-bookstack", { running: false, exitCode: 143 }),
    /stopped, with exit code 143/,
    /^docker start local-bookstack/,
  ],
  ["container-stopped", "unhealthy", container("local-traefik", { health: "unhealthy" }), /local-traefik is unhealthy/, /^docker logs/],
  ["container-stopped", "memory", container("local-bookstack-db", { running: false, oomKilled: true }), /memory was full/, /more memory/],
  [
    "job-failed",
    "a job",
    container("local-bookstack-setup", { kind: "job", running: false, exitCode: 1 }),
    /bookstack-setup failed with exit code 1/,
    /docker logs/,
  ],
  [
    "ports",
    "a container of another wiki",
    { published: { value: [{ address: "::", port: healthy().environment.ports.https, container: "other" }] } },
    /taken by the container other/,
    /docker stop other/,
  ],
  ["dns", "no record", address({ addresses: { value: [] } }), /no DNS record for bookstack/, /create a record/],
  ["dns", "another machine", address({ addresses: { value: ["198.51.100.1"] } }), /points to 198\.51\.100\.1, not to 203\.0\.113\.10/, /change the record/],
  ["certificate", "expired", certificate("CERT_HAS_EXPIRED", "2026-05-30T00:00:00Z"), /ended 3 days ago/, /ca -- local/],
  ["certificate", "names", certificate("ERR_TLS_CERT_ALTNAME_INVALID"), /it is for other names/, /./],
  ["certificate", "chain", certificate("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), /chain is not complete/, /./],
  ["certificate", "none", address({ certificate: { value: undefined } }), /shows no certificate/, /docker logs --tail 50 local-traefik/],
  ["certificate", "soon", certificate(undefined, "2026-06-03T00:00:00Z"), /ends in 1 days/, /./],
  ["state", "lost", { state: { value: undefined } }, /there is no terraform\.local\.tfstate/, /put back .*npm run adopt -- local/],
  [
    "state",
    "of another wiki",
    { state: { value: ["x"] } },
    /knows none of the 2 containers/,
    /put back .*mv terraform\.local\.tfstate terraform\.local\.tfstate\.other && npm run adopt -- local/,
  ],
  ["volume-removed", "system prune --volumes", { volumes: { value: ["local-database"] } }, /local-secrets is not there/, /restore -- local latest/],
  ["disk", "full", host({ free_kib: "1000" }), /0\.0 GiB are free at \/var\/lib\/docker/, /builder prune/],
  ["inodes", "none", host({ free_inodes: "12" }), /12 inodes are free/, /df -i/],
  ["memory", "full", host({ available_kib: "1000" }), /0\.0 GiB of memory are available, of 8\.0 GiB/, /ps aux/],
  ["processor", "kvm64", host({ cpu_flags: "fpu cx16 ssse3" }), /lacks lahf_lm, popcnt, sse4_1, sse4_2 of x86-64-v2/, /--cpu host/],
  ["processor", "32 bits of ARM", host({ machine: "armv7l" }), /armv7l/, /./],
  ["clock", "wrong", host({ time: "1000" }), /behind this machine's/, /timedatectl/],
  ["clock", "not synchronized", host({ synchronized: "no" }), /not synchronized/, /timedatectl/],
  ["docker-version", "old", engine({ ServerVersion: "19.03.15" }), /Docker is 19\.03\.15; 20\.10/, /install/],
  ["docker-storage", "vfs", engine({ Driver: "vfs" }), /storage driver is vfs/, /overlay2/],
  ["docker-storage", "no d_type", engine({ DriverStatus: [["Supports d_type", "false"]] }), /no d_type/, /ftype=1/],
  ["docker-firewall", "bridge-nf", engine({ Warnings: ["WARNING: bridge-nf-call-iptables is disabled"] }), /bridge-nf-call-iptables/, /br_netfilter/],
  ["docker-rootless", "rootless", engine({ SecurityOptions: ["name=seccomp,profile=builtin", "name=rootless"] }), /rootless/, /unix:\/\/\/var\/run/],
  ["image-architecture", "arm64", engine({ Architecture: "aarch64" }), /aarch64.*amd64 alone/, /images\.bookstack/],
  ["cgroups", "no limit", engine({ Warnings: ["WARNING: No memory limit support"] }), /No memory limit support/, /cgroup_enable/],
  ["access-control", "no parser", host({ apparmor_parser: undefined }), /apparmor_parser is not installed/, /apt-get install apparmor/],
  ["access-control", "SELinux", host({ apparmor: undefined, selinux: "1" }), /SELinux is enforcing/, /selinux-enabled/],
  ["nested", "LXC", host({ container: "lxc" }), /in a container \(lxc\)/, /nesting=1/],
  ["nested", "private root mount", host({ root_mount: "private" }), /mounted private/, /make-rshared/],
  ["proxy", "with a password", engine({ HttpsProxy: "http://me:secret@proxy:3128" }), /http:\/\/…@proxy:3128/, /systemctl show/],
  ["mail", "blocked", host({ mail: "silent" }), /smtp\.example\.com:587 does not answer/, /nc -vz/],
  [
    "images",
    "a login",
    { images: { value: { "ghcr.io/a/b:1": { refusal: "ghcr.io/a/b:1 was not found at https://ghcr.io: it answers 401" } } } },
    /401: ghcr\.io\/a\/b:1/,
    /docker login ghcr\.io/,
  ],
  [
    "images",
    "a rate limit",
    { images: { value: { "a/b:1": { refusal: "a/b:1 was not found at https://registry-1.docker.io: it answers 429, too many requests" } } } },
    /429/,
    /docker login, then docker pull .* images\.mirrors, or wait/,
  ],
  [
    "pull-limit",
    "fewer pulls than images",
    {
      images: {
        value: {
          "a/b:1": { refusal: "", limit: { pulls: 100, seconds: 21600, remaining: 2 } },
          "mysql:1": { refusal: "", limit: { pulls: 100, seconds: 21600, remaining: 1 } },
          "ghcr.io/a/c:1": { refusal: "" },
        },
      },
    },
    /^docker\.io allows 100 pulls in 6 h, of which 1 are left; missing images: 2$/,
    /images\.mirrors/,
  ],
  [
    "backup-set",
    "another passphrase",
    { lastSet: { value: "20260101T000000Z: gpg: decryption failed: Bad session key" } },
    /Bad session key/,
    /backup_passphrase/,
  ],
];

describe("doctor", () => {
  test("finds nothing in a wiki that works, and nothing is unknown", () => {
    expect(diagnose(healthy())).toMatchObject({ found: [], unknown: [] });
    expect(exitCodeOf(diagnose(healthy()))).toBe(0);
  });

  test("finds nothing on a machine that is ready for the first deploy", () => {
    expect(diagnose(empty())).toMatchObject({ found: [], unknown: [] });
  });

  test.each(FOUND)("%s: %s", (cause, _, change, pattern, remedy) => {
    const { found } = diagnose({ ...healthy(), ...change });
    expect(found.map((finding) => finding.cause)).toEqual([cause]);
    expect(found[0]?.problem).toMatch(pattern);
    expect(found[0]?.remedy).toMatch(remedy);
  });

  test("the volumes that must be there are those of the plan", () => {
    const [{ found }, plan] = [
      diagnose({ ...healthy(), volumes: { value: [] } }),
      readFileSync(join(ROOT, "__tests__/__snapshots__/plan.test.ts.snap"), "utf8"),
    ];
    const names = found.map(({ problem }) => /local-\S+/.exec(problem)?.[0]);
    expect(names).toEqual(["local-database", "local-secrets"]);
    for (const name of names) expect(plan).toContain(`${name}`);
  });

  test("has a test for each cause", () => {
    expect([...new Set(FOUND.map(([name]) => name))].sort()).toEqual(CAUSES.map(({ name }) => name).sort());
  });

  test("a program that has the port before the first deploy is named", () => {
    const { https } = healthy().environment.ports;
    const listens = `*:${https} users:(("nginx",pid=7,fd=6))`;
    expect(diagnose({ ...empty(), ...host({ listens }) }).found[0]?.problem).toBe(`port ${https} is taken by nginx`);
  });

  test("what cannot be looked at is unknown, never ok", () => {
    const no = { unknown: "no answer" };
    const blind: Facts = {
      ...healthy(),
      host: no,
      volumes: no,
      published: no,
      state: no,
      ids: no,
      images: no,
      lastSet: no,
      ...address({ addresses: no, certificate: no }),
    };
    const { found, unknown } = diagnose(blind);
    expect(found).toEqual([]);
    expect(exitCodeOf(diagnose(blind))).toBe(2);
    expect(unknown.map(({ reason }) => reason)).toEqual(unknown.map(() => "no answer"));
    const seen = [
      "engine",
      "container-removed",
      "container-stopped",
      "job-failed",
      "docker-version",
      "docker-storage",
      "docker-firewall",
      "docker-rootless",
      "image-architecture",
      "cgroups",
      "proxy",
    ];
    expect(unknown.map(({ cause }) => cause).sort()).toEqual(
      CAUSES.map(({ name }) => name)
        .filter((name) => !seen.includes(name))
        .sort(),
    );
    const dead = diagnose({ ...blind, engine: no, containers: no });
    expect(dead.found.map(({ cause }) => cause)).toEqual(["engine"]);
    expect(dead.well).toEqual([]);
  });

  test.each(["time", "machine", "cpu_flags", "available_kib", "free_kib", "free_inodes", "root_mount", "mail"])(
    "a host that does not say %s leaves it unknown",
    (key) => {
      expect(diagnose({ ...healthy(), ...host({ [key]: undefined }) })).toMatchObject({ found: [], unknown: [{}] });
    },
  );

  test("shows the most likely cause first, and what only warns last", () => {
    const { found } = diagnose({ ...healthy(), ...container("local-backup", undefined), ...host({ synchronized: "no", mail: "silent", free_inodes: "1" }) });
    expect(found.map(({ cause }) => cause)).toEqual(["container-removed", "mail", "inodes", "clock"]);
  });

  test("a report has the facts, and no secret, domain or e-mail address", () => {
    const facts: Facts = {
      ...healthy(),
      lastSet: { value: "someone@wiki.example.com: AKIAABCDEFGHIJKLMNOP" },
      ...engine({ HttpsProxy: "http://me:hunter2@proxy:3128" }),
    };
    const text = bugReport(facts, diagnose(facts), "1.2.3");
    expect(JSON.parse(text)).toMatchObject({ version: "1.2.3", facts: { engine: { value: { ServerVersion: "28.2.2" } } } });
    expect(text).not.toMatch(/hunter2|AKIA|wiki\.example\.com|someone@/);
  });
});
