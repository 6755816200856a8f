import { rule } from "../../../../constructs/policy/rules/database-apart";
import { job, service, testRule } from "../examples";

const on = (...networks: string[]) => service({}, { service: "chat", networks: networks.map((network) => `test-${network}`) });
const joined = "networks_advanced joins proxy and database; take chat off one of them";

testRule(rule, {
  keeps: {
    "the edge": on("proxy", "backend"),
    "an application with its data": on("backend", "database"),
    "a job without a network": job({ network_mode: "none" }, { networks: [] }),
  },
  breaks: {
    "the edge where the data are": [on("proxy", "database"), joined],
    "a container on every network": [on("proxy", "backend", "database"), joined],
    "a job on both": [job({}, { service: "chat", networks: ["test-proxy", "test-database"] }), joined],
  },
});
