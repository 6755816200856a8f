import type { Cause } from "../cause";

export const cause: Cause = {
  name: "mail",
  looksAt: "the mail server answers the Docker host",
  likelihood: 48,
  find({ environment: { mail }, host }) {
    if (mail === undefined) return undefined;
    if ("unknown" in host) return host.unknown;
    if (host.value.mail === "answers") return [];
    if (host.value.mail === undefined) return "the Docker host has no bash, which tries the port";
    return [
      {
        problem: `${mail.host}:${mail.port} does not answer the Docker host`,
        remedy: `nc -vz ${mail.host} ${mail.port}   # providers often block port 25; use 587 or 465`,
      },
    ];
  },
};
