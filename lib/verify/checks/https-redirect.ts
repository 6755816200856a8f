import type { Check, Finding } from "../check";

const REDIRECTS = [301, 308];

export const check: Check = {
  name: "https-redirect",
  promise: "who asks without TLS is told to ask with it, for every name",
  async run({ environment: { ports }, urls, outside }) {
    const findings = await Promise.all(
      Object.values(urls).map(async (url): Promise<Finding[]> => {
        const plain = `http://${new URL(url).hostname}${ports.http === 80 ? "" : `:${ports.http}`}/books?page=2`;
        const { status, headers } = await outside.ask(plain);
        const led = REDIRECTS.includes(status) && headers.location === `${url}/books?page=2`;
        const problem = `${plain} answers ${status}${headers.location === undefined ? "" : ` to ${headers.location}`}, not a redirect to ${url}`;
        return led ? [] : [{ problem, remedy: `see that port ${ports.http} leads to Traefik and to nothing else` }];
      }),
    );
    return findings.flat();
  },
};
