import { rmSync } from "node:fs";
import { Docker } from "../../../../lib/clients/docker/docker";
import { parseEnvironment } from "../../../../lib/environment/load";
import type { Environment } from "../../../../lib/environment/schema";
import { standbyOf } from "../../../../lib/environment/standby";
import { besideState } from "../../../../lib/operations/root";
import { requireProvidedSecrets } from "../../../../lib/operations/secrets/secret-store";
import { recordStep } from "../../../../lib/operations/standby/roles";
import { sharedSecrets } from "../../../../lib/operations/standby/secrets";
import { WikiStack } from "../../../../lib/stack/wiki-stack";
import { testApp } from "../../../support/plan";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw";
const TEXT = {
  domain: "wiki.example.com",
  docker: { host: "ssh://deploy@203.0.113.10", hostKey: KEY },
  standby: { docker: { host: "ssh://deploy@203.0.113.11", hostKey: KEY } },
  users: [{ name: "alice", displayName: "Alice", email: "alice@example.com" }],
  wiki: { admin: { email: "admin@example.com" } },
};
const shared = (more: object = {}) => sharedSecrets(new WikiStack(testApp(), parseEnvironment("t", JSON.stringify({ ...TEXT, ...more }), "t.yaml")));

test("the second host gets what the data are encrypted with, accounts in the data, and the authority that devices trust", () => {
  expect(Object.keys(shared()).sort()).toEqual([
    "app_key",
    "authelia_storage_key",
    "backup_passphrase",
    "database_ca.crt",
    "edge_ca.crt",
    "edge_ca.key",
    "edge_ca.names",
    "mysql_replica_password",
    "standby_files_password",
    "user_alice_password",
    "wiki_admin_password",
  ]);
});

test("what belongs to the first host's database has another name there, and takes no secret of the second host's place", () => {
  const renamed = Object.entries(shared()).filter(([from, to]) => from !== to);
  expect(Object.fromEntries(renamed)).toEqual({
    mysql_replica_password: "standby_source_password",
    "database_ca.crt": "standby_source_ca",
    standby_files_password: "standby_source_files_password",
  });
});

test("what an operator provided is there when the second host needs it", () => {
  const mail = { mail: { host: "smtp.example.com", from: "wiki@example.com", user: "wiki" } };
  expect(Object.keys(shared(mail))).toContain("smtp_password");
});

test.each([
  ["a new standby", undefined, "npm run standby -- t"],
  ["the host that was active before a failover", "done", "npm run failover -- t --back"],
] as const)("%s is told by which command it gets its secrets, not to type them", (_, step, remedy) => {
  jest.spyOn(Docker.prototype, "output").mockReturnValue("");
  const second = standbyOf(parseEnvironment("t", JSON.stringify(TEXT), "t.yaml")) as Environment;
  if (step !== undefined) recordStep("t", "t", step);
  expect(() => requireProvidedSecrets(new WikiStack(testApp(), second), second)).toThrow(remedy);
  rmSync(besideState("t", "failover"), { force: true });
  jest.restoreAllMocks();
});
