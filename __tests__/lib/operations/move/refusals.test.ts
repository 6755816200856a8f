import { requireMovable } from "../../../../lib/operations/move/refusals";
import { localEnvironment } from "../../../support/example";

test("uploads in a directory of the old server are not moved", () => {
  const environment = localEnvironment();
  expect(() => requireMovable(environment)).not.toThrow();
  const elsewhere = { ...environment, wiki: { ...environment.wiki, uploads: { path: "/mnt/wiki" } } };
  expect(() => requireMovable(elsewhere)).toThrow("the uploads of local are in /mnt/wiki, which the command does not move; nothing was changed");
});

test("a wiki with a standby moves there by a failover", () => {
  const docker = { host: "ssh://deploy@203.0.113.11", hostKey: "ssh-ed25519 AAAA" };
  expect(() => requireMovable({ ...localEnvironment(), standby: { docker } })).toThrow(
    /^local has a standby[^\n]*; nothing was changed\n.*npm run failover -- local$/,
  );
});
