import type { Cause, Finding } from "../cause";

export const cause: Cause = {
  name: "dns",
  looksAt: "every name points to the Docker host",
  likelihood: 88,
  find({ addresses, environment: { dns, domain } }) {
    if (domain.endsWith(".localhost")) return undefined;
    const [unknown] = addresses.flatMap(({ addresses: found }) => ("unknown" in found ? [found.unknown] : []));
    const found = addresses.flatMap(({ name, addresses: known }): Finding[] => {
      if ("unknown" in known) return [];
      if (known.value.length === 0) return [{ problem: `there is no DNS record for ${name}`, remedy: `create a record for ${name}; look: dig +short ${name}` }];
      const right = [dns.ipv4, dns.ipv6].filter((address) => address !== undefined);
      // with Cloudflare in between its own addresses are the right ones
      if (dns.proxied || right.length === 0) return [];
      const wrong = known.value.filter((address) => !right.includes(address));
      return wrong.map((address) => ({
        problem: `${name} points to ${address}, not to ${right.join(" and ")}`,
        remedy: `change the record of ${name}; look: dig +short ${name}`,
      }));
    });
    return found.length === 0 && unknown !== undefined ? unknown : found;
  },
};
