import { rule } from "../../../../constructs/policy/rules/network-membership";
import { job, service, testRule } from "../examples";

const on = (name: string, ...networks: string[]) => service({}, { service: name, networks: networks.map((network) => `test-${network}`) });
const refused = (network: string, name: string, allowed: string) => `networks_advanced holds ${network}, and ${name} may be on ${allowed}; take it off`;
const joined = (name: string) => `networks_advanced joins proxy and database, and only backup may; take ${name} off one of them`;
const unattached = 'networks_advanced must name a network, got nothing; Docker\'s own bridge is open to all, so attach it to one or set network_mode to "none"';

/** The table of the design: who is where. */
const DESIGN: readonly (readonly [service: string, ...networks: string[]])[] = [
  ["traefik", "proxy", "backend"],
  ["authelia", "proxy", "backend"],
  ["crowdsec", "proxy", "backend"],
  ["bookstack", "backend", "database"],
  ["bookstack-setup", "database"],
  ["bookstack-users", "database"],
  ["bookstack-db", "database"],
  ["backup", "backend", "database", "proxy"],
  ["prometheus", "backend"],
  ["mysqld-exporter", "backend", "database"],
  ["alertmanager", "proxy", "backend"],
  ["an-application-of-somebody-else", "backend"],
];

testRule(rule, {
  keeps: {
    ...Object.fromEntries(DESIGN.map(([name, ...networks]) => [`${name} on ${networks.join(" and ")}`, on(name, ...networks)])),
    "a service on fewer": on("traefik", "backend"),
    "a job without a network": job({ network_mode: "none" }, { networks: [] }),
    "a service on the host's network, which is a matter of another rule": service({ network_mode: "host" }, { service: "grafana", networks: [] }),
  },
  breaks: {
    "the wiki where the internet is": [on("bookstack", "proxy", "backend"), refused("test-proxy", "bookstack", "backend, database")],
    "the edge where the data are": [on("traefik", "proxy", "database"), refused("test-database", "traefik", "proxy, backend"), joined("traefik")],
    "the database where the applications are": [on("bookstack-db", "backend"), refused("test-backend", "bookstack-db", "database")],
    "a foreign application where the data are": [on("chat", "database"), refused("test-database", "chat", "backend")],
    "a foreign application where the internet is": [on("chat", "proxy"), refused("test-proxy", "chat", "backend")],
    "a network of another environment": [service({}, { networks: ["production-backend"] }), refused("production-backend", "thing", "backend")],
    "what tells people, where the data are": [on("alertmanager", "database"), refused("test-database", "alertmanager", "proxy, backend")],
    "what sees every container, on any network": [on("container-metrics", "backend"), refused("test-backend", "container-metrics", "none")],
    "a service that belongs on the host's network": [on("node-exporter", "backend"), refused("test-backend", "node-exporter", "none")],
    "Docker's own bridge": [service({}, { networks: [] }), unattached],
    "Docker's own bridge by name": [job({ network_mode: "bridge" }, { networks: [] }), unattached],
    "a network by the back door": [
      service({ network_mode: "test-database" }, { networks: [] }),
      'network_mode must be "none" or left out, got "test-database"; attach it by networks_advanced',
    ],
  },
});
