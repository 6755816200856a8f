import { rule } from "../../../../constructs/policy/rules/cpu-limited";
import { job, service, testRule } from "../examples";

const REMEDY = "set cpu_period to 100000, and cpu_quota to 100000 for each processor";

testRule(rule, {
  keeps: { "a service": service(), "half a processor": job({ cpu_period: 100_000, cpu_quota: 50_000 }) },
  breaks: {
    "no quota": [service({ cpu_quota: undefined }), `cpu_quota must be more than 0 microseconds, got nothing; ${REMEDY}`],
    "a quota without end": [job({ cpu_quota: -1 }), `cpu_quota must be more than 0 microseconds, got -1; ${REMEDY}`],
    "no period": [service({ cpu_period: 0 }), `cpu_period must be more than 0 microseconds, got 0; ${REMEDY}`],
    "the form that breaks the provider": [service({ cpus: "1.5" }), 'cpus is "1.5" and makes the provider panic; set cpu_quota instead'],
  },
});
