import { plannedContainers } from "../../../constructs/policy";
import { parseEnvironment } from "../../../lib/environment/load";
import { WikiStack } from "../../../lib/stack/wiki-stack";
import { localText } from "../../support/example";
import { testApp } from "../../support/plan";

/** With a mail server there is an egress, and with a remote the backup has a way out. */
const TEXT = `${localText()}
mail: { host: mail.example.com, from: wiki@example.com }
`;
const containers = plannedContainers(new WikiStack(testApp(), parseEnvironment("local", TEXT, "local.yaml"))).filter(({ kind }) => kind !== "carrier");

/** The design: which container may be on which networks. A container that is not here may be on backend alone. */
const ZONES: Readonly<Record<string, readonly string[]>> = {
  traefik: ["proxy", "backend"],
  authelia: ["proxy", "backend"],
  crowdsec: ["proxy", "backend"],
  egress: ["proxy", "backend"],
  bookstack: ["backend", "database"],
  "bookstack-setup": ["database"],
  "bookstack-users": ["database"],
  "bookstack-db": ["database"],
  backup: ["backend", "database", "proxy"],
  alertmanager: ["proxy", "backend"],
  "mysqld-exporter": ["backend", "database"],
  grafana: [],
  "node-exporter": [],
  "container-metrics": [],
  certificates: [],
  "authelia-users": [],
  "volume-owners": [],
  secrets: [],
};

test("no container may be on a network that the design does not give it", () => {
  const named = containers.filter(({ zones }) => zones.join() !== "backend");
  expect(Object.fromEntries(named.map(({ service, zones }) => [service, zones]))).toEqual(ZONES);
});

test.each(containers.map(({ service, description }) => [service, description] as const))(
  "%s says what it is for, in lines that fit the picture",
  (_, description) => {
    expect(description?.purpose.filter((line) => line.length > 26)).toEqual([]);
    expect(description?.purpose.length).toBeGreaterThan(0);
  },
);

test("connections end at containers of the stack", () => {
  const known = [...containers.map(({ service }) => service), "egress"];
  expect(containers.flatMap(({ description }) => description?.connects ?? []).filter(({ to }) => !known.includes(to))).toEqual([]);
});
