import { rule } from "../../../../constructs/policy/rules/restart-policy";
import { configContainer, job, service, testRule } from "../examples";

testRule(rule, {
  keeps: { "a service": service(), "a job": job(), "a config container": configContainer() },
  breaks: {
    "a service that stays down": [service({ restart: "no" }), 'restart must be "always" for a service, got "no"; set it'],
    "a service that a killed engine leaves stopped": [
      service({ restart: "unless-stopped" }),
      'restart must be "always" for a service, got "unless-stopped"; set it',
    ],
    "a job that never ends": [job({ restart: "unless-stopped" }), 'restart must be "no" for a job, got "unless-stopped"; set it'],
    "a config container without a word": [configContainer({ restart: undefined }), 'restart must be "no" for a carrier, got nothing; set it'],
  },
});
