import type { Check, Finding } from "../check";

export const check: Check = {
  name: "dns",
  promise: "every name points to the host",
  skip: ({ environment: { domain } }) => (domain.endsWith(".localhost") ? "names below localhost always point to this machine" : undefined),
  async run({ environment: { dns, name }, urls, outside }) {
    const findings = await Promise.all(
      Object.values(urls).map(async (url): Promise<Finding[]> => {
        const { hostname } = new URL(url);
        const [four, six] = await Promise.all([outside.resolve(hostname, 4), outside.resolve(hostname, 6)]);
        const remedy = dns.provider === "none" ? `make a record for ${hostname}` : `npm run deploy -- ${name}`;
        if (four.length + six.length === 0) return [{ problem: `there is no ${hostname}`, remedy }];
        // with a proxy in between its own addresses are the right ones
        if (dns.proxied) return [];
        const wrong = [
          ...(dns.ipv4 === undefined ? [] : four.filter((address) => address !== dns.ipv4)),
          ...(dns.ipv6 === undefined ? [] : six.filter((address) => address !== dns.ipv6)),
        ];
        return wrong.map((address) => ({ problem: `${hostname} points to ${address}, not to ${[dns.ipv4, dns.ipv6].filter(Boolean).join(" and ")}`, remedy }));
      }),
    );
    return findings.flat();
  },
};
