import { printUpgrade } from "../../../../lib/cli/output/print-upgrade";
import type { UpgradePreview } from "../../../../lib/operations/upgrade/upgrade";
import { WikiStack } from "../../../../lib/stack/wiki-stack";
import { localEnvironment } from "../../../support/example";
import { testApp } from "../../../support/plan";

const stack = new WikiStack(testApp(), localEnvironment());

const change = (service: string, from: string, to: string, digests = true): UpgradePreview["changes"][number] => {
  const image = (name: string, digit: string) => ({
    name,
    id: `sha256:${digit.repeat(64)}`,
    digests: digests ? [`${name.split(":")[0]}@sha256:${digit.repeat(64)}`] : [],
  });
  return { container: `local-${service}`, service, from: image(from, "a"), to: image(to, "b") };
};

test("a preview shows each pair of images once, with its digests or ids, and what becomes of the database", () => {
  const preview: UpgradePreview = {
    planned: new Map([["docker_container.Some", "replace"]]),
    changes: [
      change("bookstack", "solidnerd/bookstack:26.5.1", "solidnerd/bookstack:26.7.0"),
      change("bookstack-setup", "solidnerd/bookstack:26.5.1", "solidnerd/bookstack:26.7.0"),
      change("traefik", "secure-bookstack/traefik:1", "secure-bookstack/traefik:2", false),
    ],
    database: ["8.0.46", "8.4.11"],
    migrations: ["2026_06_01_000000_a", "2026_06_02_000000_b"],
    volumes: ["local-database"],
  };
  const printed = printUpgrade(stack, "local", preview);
  expect(printed).toContain(
    [
      "Images",
      "  local-bookstack, local-bookstack-setup",
      "    solidnerd/bookstack:26.5.1 (digest aaaaaaaaaaaa) → solidnerd/bookstack:26.7.0 (digest bbbbbbbbbbbb)",
      "  local-traefik",
      "    secure-bookstack/traefik:1 (image aaaaaaaaaaaa) → secure-bookstack/traefik:2 (image bbbbbbbbbbbb)",
      "",
      "Database",
      "  MySQL 8.0.46 → 8.4.11, which converts the data",
      "  2 schema migrations of the wiki are pending:",
      "    2026_06_01_000000_a, 2026_06_02_000000_b",
    ].join("\n"),
  );
  expect(printed).toContain("Copied while the wiki is stopped, to put them back if the upgrade fails\n  local-database\n");
});

test("a preview without changes says so", () => {
  const printed = printUpgrade(stack, "local", { planned: new Map(), changes: [], database: ["8.4.11", "8.4.11"], migrations: [], volumes: [] });
  expect(printed).toMatch(/^local: no changes\. Nothing has been changed yet\.\n/);
  expect(printed).toContain("  MySQL 8.4.11, unchanged\n  No schema migration of the wiki is pending.\n");
});
