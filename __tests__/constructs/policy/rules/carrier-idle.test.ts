import { rule } from "../../../../constructs/policy/rules/carrier-idle";
import { carrier, testRule } from "../examples";

testRule(rule, {
  keeps: { "a carrier": carrier() },
  breaks: {
    "one that runs": [
      carrier({ start: true, must_run: undefined }),
      "start must be false, got true; set it",
      "must_run must be false, got nothing; the provider deletes it at the next plan otherwise",
    ],
    "one with Docker's own network": [carrier({ network_mode: undefined }), 'network_mode must be "none", got nothing; set it'],
    "one on a network": [carrier({}, { networks: ["test-database"] }), "networks_advanced holds test-database; take it off"],
  },
});
