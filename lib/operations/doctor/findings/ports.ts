import { containerName } from "../../../stack/names";
import type { Cause } from "../cause";
import type { HostFacts, Published } from "../facts";

/** Who has a port, and the command that ends it. */
interface Owner {
  readonly who: string;
  readonly remedy: string;
}

export const cause: Cause = {
  name: "ports",
  looksAt: "the published ports belong to the wiki, or are free",
  likelihood: 90,
  find({ environment: { name, ports }, published, host }) {
    if ("unknown" in published) return published.unknown;
    const taken = [ports.http, ports.https].map((port) => {
      const publishers = published.value.filter((one) => one.port === port && clash(one.address, ports.address));
      if (publishers.some(({ container }) => container === containerName(name, "traefik"))) return { port, owner: undefined };
      return {
        port,
        owner: containerOf(publishers) ?? ("value" in host ? programOf(host.value, port, ports.address) : undefined),
        ask: publishers.length === 0,
      };
    });
    const found = taken.flatMap(({ port, owner }) => (owner === undefined ? [] : [{ problem: `port ${port} is taken by ${owner.who}`, remedy: owner.remedy }]));
    if (found.length > 0 || !taken.some(({ ask }) => ask)) return found;
    if ("unknown" in host) return host.unknown;
    return host.value.listeners === undefined ? "the Docker host has no ss, which shows who listens" : [];
  },
};

function containerOf([first]: readonly Published[]): Owner | undefined {
  return first && { who: `the container ${first.container}`, remedy: `docker stop ${first.container}` };
}

/** From lines such as `127.0.0.1:80 users:(("nginx",pid=7,fd=6))`; only root is told the program. */
function programOf({ listens = "" }: HostFacts, port: number, address: string): Owner | undefined {
  const line = listens.split("\n").find((one) => {
    const [, at = "", listened] = /^\[?([^\s\]]*?)\]?:(\d+)( |$)/.exec(one) ?? [];
    return listened === `${port}` && clash(at.replace(/%.*/, ""), address);
  });
  if (line === undefined) return undefined;
  const [, program = "a program"] = /\(\("([^"]+)"/.exec(line) ?? [];
  return { who: program, remedy: `sudo ss -ltnp 'sport = :${port}'   # stop the program, or choose other ports: docs/addresses.md` };
}

const ALL: readonly string[] = ["0.0.0.0", "::", "*", ""];

/** Whether two programs cannot listen on the same port of these addresses. */
function clash(one: string, other: string): boolean {
  return one === other || ALL.includes(one) || ALL.includes(other);
}
