import type { ImageChange } from "../../../../lib/operations/upgrade/images";
import { databaseProblem, downgrades, migrationProblem, planProblems, serverVersion } from "../../../../lib/operations/upgrade/refusals";
import { WikiStack } from "../../../../lib/stack/wiki-stack";
import { localEnvironment } from "../../../support/example";
import { testApp } from "../../../support/plan";

const environment = localEnvironment();
const stack = new WikiStack(testApp(), environment);

const version = (text: string) => text.split(".").map(Number);

describe("MySQL", () => {
  test("prints its version in one form, in each packaging", () => {
    expect(serverVersion("/usr/sbin/mysqld  Ver 8.4.11 for Linux on x86_64 (MySQL Community Server - GPL)")).toEqual([8, 4, 11]);
    expect(serverVersion("/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))")).toEqual([9, 7, 4]);
    expect(serverVersion("mysqld: unknown option")).toBeUndefined();
  });

  test.each([
    ["8.4.11", "8.4.11"],
    ["8.4.11", "8.4.12"],
    ["8.0.46", "8.4.11"],
    ["5.7.44", "8.0.46"],
    ["8.4.11", "9.7.4"],
    ["8.1.0", "9.7.4"],
    ["9.1.0", "9.7.4"],
  ])("%s can become %s", (from, to) => {
    expect(databaseProblem(version(from), version(to))).toBeUndefined();
  });

  test.each([
    ["8.4.11", "8.0.46", /^MySQL 8\.0\.46 cannot read the data of MySQL 8\.4\.11; a downgrade is impossible\n {2}→ set database\.version/],
    ["8.0.46", "8.0.45", /a downgrade is impossible/],
    ["5.7.44", "8.4.11", /^MySQL 8\.4\.11 cannot convert the data of MySQL 5\.7\.44: a line of MySQL cannot be skipped\n {2}→ upgrade to MySQL 8\.0 first/],
    ["8.0.46", "9.7.4", /upgrade to MySQL 8\.4 first, then to 9\.7\.4/],
  ])("%s cannot become %s", (from, to, message) => {
    expect(databaseProblem(version(from), version(to))?.message).toMatch(message);
  });
});

describe("an image of the wiki", () => {
  const ran = ["2024_01_01_000000_a", "2025_01_01_000000_b"];

  test("with more migrations can run with the database", () => {
    expect(migrationProblem(ran, [...ran, "2026_01_01_000000_c"], "wiki:2")).toBeUndefined();
  });

  test("without an old migration that was removed can run with it", () => {
    expect(migrationProblem(ran, ["2025_01_01_000000_b"], "wiki:2")).toBeUndefined();
  });

  test("that lacks the newest migrations is a downgrade", () => {
    expect(migrationProblem(ran, ["2024_01_01_000000_a"], "wiki:1")?.message).toMatch(
      /^wiki:1 is older than the database of the wiki, which has the migrations 2025_01_01_000000_b; a downgrade is impossible\n/,
    );
  });
});

describe("an image of a service with data", () => {
  const change = (service: string, from: string, to: string): ImageChange => ({
    container: `local-${service}`,
    service,
    from: { name: from, id: "sha256:1", digests: [] },
    to: { name: to, id: "sha256:2", digests: [] },
  });

  test("that is older than the running one is refused", () => {
    const problems = downgrades([
      change("authelia", "authelia/authelia:4.39.20", "authelia/authelia:4.38.9"),
      change("crowdsec", "secure-bookstack/crowdsec:v1.7.8-0123456789ab", "secure-bookstack/crowdsec:v1.7.10-ba9876543210"),
      // another repository counts in another way
      change("grafana", "grafana/grafana:12.4.12", "mirror/grafana:3"),
      // keeps no data
      change("traefik", "traefik:v3.7.11", "traefik:v3.7.9"),
    ]);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^local-authelia: authelia\/authelia:4\.38\.9 is older than authelia\/authelia:4\.39\.20/),
    ]);
  });
});

describe("a plan", () => {
  const [database = ""] = Object.entries(stack.toTerraform().resource.docker_volume as Record<string, { name: string }>).find(
    ([, { name }]) => name === "local-database",
  ) as [string, unknown];

  test("that deletes the volume of the database is refused; configuration files are not data", () => {
    const planned = new Map([
      [`docker_volume.${database}`, "replace"],
      ['docker_volume.MySql_Config_Volume["0123456789ab"]', "delete"],
    ]);
    expect(planProblems({ stack, environment }, planned).map(({ message }) => message)).toEqual([
      "the upgrade would delete the volume local-database\n  → npm run plan -- local",
    ]);
  });

  test("that replaces containers is none of its business", () => {
    expect(planProblems({ stack, environment }, new Map([["docker_container.Wiki", "replace"]]))).toEqual([]);
  });
});
