import { rule } from "../../../../constructs/policy/rules/log-limits";
import { configContainer, job, service, testRule } from "../examples";

const size = (got: string) => `log_opts must limit max-size, got ${got}; set it, such as "10m", with a driver that knows it`;
const files = (got: string) => `log_opts must limit max-file, got ${got}; set it, such as "3", with a driver that knows it`;

testRule(rule, {
  keeps: { "a service": service(), "a job": job(), "a config container": configContainer(), "another driver": service({ log_driver: "local" }) },
  breaks: {
    "no driver": [service({ log_driver: undefined }), 'log_driver must be named, got nothing; the daemon\'s own default may rotate nothing, "json-file" does'],
    "a driver without limits": [job({ log_driver: "journald", log_opts: undefined }), size("nothing"), files("nothing")],
    "a size without end": [service({ log_opts: { "max-size": "-1", "max-file": "3" } }), size('"-1"')],
    "a size without a unit": [configContainer({ log_opts: { "max-size": "10", "max-file": "3" } }), size('"10"')],
    "any number of files": [service({ log_opts: { "max-size": "10m" } }), files("nothing")],
  },
});
