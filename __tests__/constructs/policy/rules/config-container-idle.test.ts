import { rule } from "../../../../constructs/policy/rules/config-container-idle";
import { configContainer, testRule } from "../examples";

testRule(rule, {
  keeps: { "a config container": configContainer() },
  breaks: {
    "one that runs": [
      configContainer({ start: true, must_run: undefined }),
      "start must be false, got true; set it",
      "must_run must be false, got nothing; the provider deletes it at the next plan otherwise",
    ],
    "one with Docker's own network": [configContainer({ network_mode: undefined }), 'network_mode must be "none", got nothing; set it'],
    "one on a network": [configContainer({}, { networks: ["test-database"] }), "networks_advanced holds test-database; take it off"],
  },
});
