import type { Zone } from "../../../../constructs/docker/description";
import { rule } from "../../../../constructs/policy/rules/network-membership";
import { job, service, testRule } from "../examples";

/** Networks that the description of a container names, and those that it is on. */
const on = (zones: readonly Zone[], ...networks: string[]) => service({}, { service: "chat", zones, networks: networks.map((network) => `test-${network}`) });
const refused = (network: string, allowed: string) => `networks_advanced holds ${network}, and chat may be on ${allowed}; take it off`;
const unattached = 'networks_advanced must name a network, got nothing; Docker\'s own bridge is open to all, so attach it to one or set network_mode to "none"';

testRule(rule, {
  keeps: {
    "a container on the networks of its description": on(["proxy", "backend"], "proxy", "backend"),
    "a container on fewer": on(["proxy", "backend"], "backend"),
    "a container without a description on backend": service({}, { service: "chat" }),
    "a job without a network": job({ network_mode: "none" }, { networks: [] }),
    "a service on the host's network, which is a matter of another rule": service({ network_mode: "host" }, { networks: [], zones: [] }),
  },
  breaks: {
    "a network that the description does not name": [on(["backend", "database"], "proxy", "backend"), refused("test-proxy", "backend, database")],
    "every network that the description does not name": [
      on(["backend"], "proxy", "database"),
      refused("test-proxy", "backend"),
      refused("test-database", "backend"),
    ],
    "a network of another environment": [service({}, { service: "chat", networks: ["production-backend"] }), refused("production-backend", "backend")],
    "any network for a container that has none": [on([], "backend"), refused("test-backend", "none")],
    "Docker's own bridge": [service({}, { networks: [] }), unattached],
    "Docker's own bridge by name": [job({ network_mode: "bridge" }, { networks: [] }), unattached],
    "a network through an alias": [
      service({ network_mode: "test-database" }, { networks: [] }),
      'network_mode must be "none" or left out, got "test-database"; attach it by networks_advanced',
    ],
  },
});
