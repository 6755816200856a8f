import { endFindings, leastDays } from "../certificates";
import { type Check, unknown } from "../check";

const REMEDY = 'renew it where it was issued: "Docker over TLS" in docs/operations/certificates.md';

export const check: Check = {
  name: "docker-tls",
  promise: "the certificates by which Docker and this machine know each other do not end soon",
  skip: ({ environment: { docker } }) => (docker.host.startsWith("tcp://") ? undefined : "Docker is not reached over TLS"),
  async run({ environment, outside, now }) {
    const ends = Object.entries(await outside.dockerCertificates());
    if (ends.length === 0) return [unknown(`${environment.docker.host} shows no certificate`, "is Docker up there, and does it listen with --tlsverify?")];
    return ends.flatMap(([what, end]) => endFindings(what, end, now(), leastDays(environment), REMEDY));
  },
};
