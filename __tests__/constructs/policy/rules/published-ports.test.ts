import { rule } from "../../../../constructs/policy/rules/published-ports";
import { configContainer, job, service, testRule } from "../examples";

const EDGE = { service: "traefik", name: "test-traefik" };
const port = { internal: 443, external: 443, ip: "127.0.0.1", protocol: "tcp" };

testRule(rule, {
  keeps: {
    "a service without any": service(),
    "a job without any": job(),
    "a config container without any": configContainer(),
    "the edge at an address": service({ ports: [port] }, EDGE),
    "the reverse proxy at all addresses, if configured": service({ ports: [{ ...port, ip: "0.0.0.0" }] }, EDGE),
  },
  breaks: {
    "another service": [service({ ports: [port] }), "ports publishes 443 of thing, and only traefik may; give it a route instead"],
    "a job": [job({ ports: [port] }), "ports publishes 443 of prepare, and only traefik may; give it a route instead"],
    "the reverse proxy at an address that is not configured": [
      service({ ports: [{ ...port, ip: undefined }] }, EDGE),
      'ports.ip of 443 must be an address of the host, got nothing; write "0.0.0.0" if all are meant',
    ],
    "the edge at a port that Docker chooses": [
      service({ ports: [{ ...port, external: undefined }] }, EDGE),
      "ports.external of 443 must be a number, got nothing; Docker chooses another at each start otherwise",
    ],
    "whatever the image exposes": [
      service({ publish_all_ports: true }, EDGE),
      "publish_all_ports is true and publishes undeclared ports; list those of the reverse proxy as ports",
    ],
  },
});
