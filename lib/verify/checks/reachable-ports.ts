import type { Check } from "../check";

/** Where the parts listen inside, and Docker without TLS: whoever reaches one of them from outside is past the walls. */
const INSIDE = [2375, 3000, 3306, 6060, 7422, 8080, 8082, 9090, 9091, 9093, 9100, 9104, 9959, 33_060];

export const check: Check = {
  name: "reachable-ports",
  promise: "from outside the two ports of the edge answer, and none of what is behind it",
  skip: ({ environment: { ports } }) => (ports.address === "127.0.0.1" ? "nobody outside this machine reaches it" : undefined),
  async run({ environment: { ports }, outside }) {
    const published = [ports.http, ports.https];
    const answers = async (port: number) => ((await outside.reaches(port)) ? [port] : []);
    const open = (await Promise.all([...published, ...INSIDE].map(answers))).flat();
    return [
      ...published
        .filter((port) => !open.includes(port))
        .map((port) => ({ problem: `port ${port} does not answer`, remedy: "let it through the firewalls, and see that Traefik runs" })),
      ...[...new Set(open)]
        .filter((port) => !published.includes(port))
        .map((port) => ({
          problem: `port ${port} answers, and should not`,
          remedy: "find who listens: ss -ltnp on the host; close it, or the firewall before it",
        })),
    ];
  },
};
