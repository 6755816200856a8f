import { Authelia } from "../../constructs/edge/authelia/authelia";

/**
 * Runs a command of the repository, with one more application with single sign-on, for the group `admin` only.
 *
 * It is registered as every application is, right after the wiki; its secret lies beside the wiki's.
 */
const { registerClient } = Authelia.prototype;

Authelia.prototype.registerClient = function (this: Authelia, client) {
  const access = registerClient.call(this, client);
  const own = (url: string) => url.replace("//bookstack.", "//standin.");
  registerClient.call(this, {
    ...client,
    id: "standin",
    name: "Stand-in",
    redirectUri: own(client.redirectUri),
    homeUrl: own(client.homeUrl),
    groups: ["admin"],
  });
  return access;
};

require("../../lib/cli/main").start();
