import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnvironment } from "../../../lib/environment/load";
import { summarize } from "../../../lib/operations/summary";
import { CONTAINERS, containerName, NETWORKS, networkName, VOLUMES, volumeName } from "../../../lib/stack/names";
import { WikiStack } from "../../../lib/stack/wiki-stack";
import { localText } from "../../support/example";
import { typescriptBelow } from "../../support/imports";
import { ROOT } from "../../support/needs";
import { testApp } from "../../support/plan";

const environment = parseEnvironment("local", localText(), "local.yaml");
const plan = summarize(new WikiStack(testApp(), environment), environment);

test("every container, network and volume that a command addresses is in the plan", () => {
  const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);
  expect(names(plan.containers)).toEqual(expect.arrayContaining(CONTAINERS.map((container) => containerName("local", container))));
  expect(names(plan.networks)).toEqual(expect.arrayContaining(NETWORKS.map((network) => networkName("local", network))));
  expect(names(plan.volumes)).toEqual(expect.arrayContaining(VOLUMES.map((volume) => volumeName("local", volume))));
});

/** A text with the name of an environment and the rest of a resource's name. */
const WRITTEN_BY_HAND = /\$\{[\w.]*(?:name|namespace)\}-(?:\$\{|[a-z])/;

test("no command builds such a name itself", () => {
  const building = (text: string) => text.split("\n").filter((line) => WRITTEN_BY_HAND.test(line));
  expect(building("const edge = `${environment.name}-traefik`;")).toHaveLength(1);
  expect(typescriptBelow("lib/operations", "lib/cli").flatMap((file) => building(readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
});
