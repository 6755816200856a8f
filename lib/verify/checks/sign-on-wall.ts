import type { Check, Finding } from "../check";

/** The one that has to be open: people sign on there. */
const PORTAL = "portal";
const REDIRECTS = [302, 303];

export const check: Check = {
  name: "sign-on-wall",
  promise: "nobody sees a page without signing on: browsers are led to the portal, others are refused",
  async run({ environment: { name, signOn }, urls, outside }) {
    if (signOn.breakGlass) {
      return [{ problem: "signOn.breakGlass leads past the portal", remedy: `take it out as soon as the portal works, then npm run deploy -- ${name}` }];
    }
    const remedy = `docker logs ${name}-authelia, then npm run deploy -- ${name}; take the wiki down if it stays open`;
    const guarded = Object.entries(urls).filter(([what]) => what !== PORTAL);
    const findings = await Promise.all(
      guarded.map(async ([, url]): Promise<Finding[]> => {
        const browser = await outside.ask(`${url}/`, { accept: "text/html" });
        const program = await outside.ask(`${url}/`, { accept: "application/json", "x-requested-with": "XMLHttpRequest" });
        const led = REDIRECTS.includes(browser.status) && browser.headers.location?.startsWith(`${urls[PORTAL]}/`) === true;
        return [
          ...(led ? [] : [{ problem: `${url} answers a browser without a session ${browser.status}, and does not lead it to ${urls[PORTAL]}`, remedy }]),
          ...(program.status === 401 ? [] : [{ problem: `${url} answers a program without a session ${program.status}, not 401`, remedy }]),
        ];
      }),
    );
    return findings.flat();
  },
};
