import { isBehind } from "../../../../constructs/edge/traefik/published";
import { type Check, type Finding, unknown } from "../check";
import type { Answer, Target } from "../target";

const REDIRECTS = [301, 308];
/** Port of HTTP in front of the wiki, where its own is not the one that people use. */
const HTTP = 80;

export const check: Check = {
  name: "https-redirect",
  promise: "plain HTTP is redirected to HTTPS, for every name",
  async run(target) {
    const { environment, urls, outside } = target;
    const behind = isBehind(environment.ports);
    const port = behind ? HTTP : environment.ports.http;
    // a proxy in front that does not listen there serves nothing without TLS
    const tested = behind && !(await outside.reaches(port)) ? [] : Object.values(urls);
    const findings = await Promise.all([
      ...tested.map((url) => plain(target, url, port)),
      ...(behind || environment.dns.proxied ? Object.values(urls).map((url) => loop(target, url)) : []),
    ]);
    return findings.flat();
  },
};

async function plain({ outside }: Target, url: string, port: number): Promise<Finding[]> {
  const asked = `http://${new URL(url).hostname}${port === HTTP ? "" : `:${port}`}/books?page=2`;
  const answer = await outside.ask(asked);
  if (leadsTo(answer, `${url}/books?page=2`)) return [];
  const { status, headers } = answer;
  const problem = `${asked} answers ${status}${headers.location === undefined ? "" : ` to ${headers.location}`}, not a redirect to ${url}`;
  return [{ problem, remedy: `make sure that port ${port} is forwarded to Traefik only` }];
}

/** A proxy that asks Traefik without TLS is redirected, and hands the redirect on to a client that has TLS already. */
async function loop({ environment: { dns }, outside }: Target, url: string): Promise<Finding[]> {
  const answer = await outside.ask(`${url}/`);
  // a proxy in front answers this itself if it cannot reach Traefik
  if (answer.status < 200 || answer.status >= 500) {
    return [unknown(`${url}/ answers ${answer.status}, so the redirect is unknown`, "make sure that the proxy in front can reach the wiki")];
  }
  if (!leadsTo(answer, `${url}/`)) return [];
  const remedy = dns.proxied ? "set SSL/TLS of the zone at Cloudflare to Full (strict)" : "let the proxy in front use https://: docs/addresses.md";
  return [{ problem: `${url}/ redirects to itself`, remedy }];
}

function leadsTo({ status, headers }: Answer, url: string): boolean {
  return REDIRECTS.includes(status) && headers.location === url;
}
