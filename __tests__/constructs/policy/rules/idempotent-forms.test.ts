import { rule } from "../../../../constructs/policy/rules/idempotent-forms";
import { configContainer, job, service, testRule } from "../examples";

const healthcheck = (durations: Record<string, string>) => service({ healthcheck: { test: ["CMD", "true"], ...durations } });

testRule(rule, {
  keeps: {
    "a service": service(),
    "a job": job(),
    "a config container": configContainer(),
    "lengths of time as Go prints them": healthcheck({ interval: "1m30s", timeout: "1.5s", start_period: "1h0m0s", start_interval: "500ms" }),
    "a capability in long": job({ capabilities: { drop: ["ALL"], add: ["CAP_CHOWN"] } }),
    "a network of another stack": service({ networks_advanced: [{ name: "${data.docker_network.backend.id}" }] }),
  },
  breaks: {
    "a capability in short": [job({ capabilities: { drop: ["ALL"], add: ["CHOWN"] } }), 'capabilities holds "CHOWN"; write it as "CAP_CHOWN"'],
    "a capability in small letters": [job({ capabilities: { drop: ["cap_net_raw"] } }), 'capabilities holds "cap_net_raw"; write it as "CAP_NET_RAW"'],
    "too many seconds": [healthcheck({ interval: "90s" }), 'healthcheck.interval is "90s"; write it as "1m30s"'],
    "minutes without seconds": [healthcheck({ start_period: "2m" }), 'healthcheck.start_period is "2m"; write it as "2m0s"'],
    "no length of time": [healthcheck({ timeout: "soon" }), 'healthcheck.timeout is "soon"; write it as 30s or 1m30s'],
    "a network by name": [
      service({ networks_advanced: [{ name: "test-backend" }] }),
      'networks_advanced.name is "test-backend"; refer to the network by its id, or a replaced network waits for its containers',
    ],
    "a reference to a network's name": [
      service({ networks_advanced: [{ name: "${docker_network.backend.name}" }] }),
      'networks_advanced.name is "${docker_network.backend.name}"; refer to the network by its id, or a replaced network waits for its containers',
    ],
  },
});
