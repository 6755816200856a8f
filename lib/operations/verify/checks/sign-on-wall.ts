import { randomBytes } from "node:crypto";
import { containerName } from "../../../stack/names";
import type { Check, Finding } from "../check";
import type { Answer, Target } from "../target";

/** The portal must be open, because users sign in there. */
const PORTAL = "portal";
const REDIRECTS = [302, 303];
/** Its service checks a token in each request, so that the portal requires no session. */
const API = "/api/";

export const check: Check = {
  name: "sign-on-wall",
  promise: "no page is visible without signing in: browsers are redirected to the login portal, others are refused; what is open is a static file",
  async run(target) {
    const { name, signOn } = target.environment;
    if (signOn.breakGlass) {
      return [{ problem: "signOn.breakGlass bypasses the portal", remedy: `remove it as soon as the portal works, then npm run deploy -- ${name}` }];
    }
    const remedy = `docker logs ${containerName(name, "authelia")}, then npm run deploy -- ${name}; take the wiki down if it stays open`;
    const problems = await Promise.all([guarded(target), open(target), api(target)]);
    return problems.flat().map((problem): Finding => ({ problem, remedy }));
  },
};

/** What is wrong with the pages that need a session. */
async function guarded({ urls, openPaths, outside }: Target): Promise<string[]> {
  const pages = Object.entries(urls)
    .filter(([what]) => what !== PORTAL)
    .flatMap(([, url]) => [
      `${url}/`,
      ...(openPaths[hostOf(url)] ?? [])
        .filter(isFolder)
        .slice(0, 1)
        .flatMap((path) => besides(url, path)),
    ]);
  const problems = pages.map(async (page) => {
    const browser = await outside.ask(page, { accept: "text/html" });
    const program = await outside.ask(page, { accept: "application/json", "x-requested-with": "XMLHttpRequest" });
    const led = REDIRECTS.includes(browser.status) && browser.headers.location?.startsWith(`${urls[PORTAL]}/`) === true;
    return [
      ...(led ? [] : [`${page} answers a browser without a session with ${browser.status}, and does not redirect it to ${urls[PORTAL]}`]),
      ...(program.status === 401 ? [] : [`${page} answers a program without a session ${program.status}, not 401`]),
    ];
  });
  return (await Promise.all(problems)).flat();
}

/** Pages that a request for an open path must not become; few, or the intrusion detection would ban who verifies. */
function besides(url: string, path: string): string[] {
  return [`${url}/index.php${path}x`, `${url}${path}%2e%2e/books`];
}

/** What is wrong with the paths that need no session: there are files, and an invented name is none. */
async function open({ urls, openPaths, outside }: Target): Promise<string[]> {
  const requests = Object.values(urls).flatMap((url) =>
    (openPaths[hostOf(url)] ?? []).flatMap((path) =>
      (isFolder(path) ? invented(path) : [path]).map((name) => ({ url: `${url}${name}`, isFile: !isFolder(path) })),
    ),
  );
  const problems = requests.flatMap(({ url, isFile }) =>
    ["GET", "POST"].map(async (method) => {
      const answer = await outside.ask(url, { accept: "text/html" }, method);
      const allowed = [...(isFile ? [200] : []), 404, 405];
      return [
        ...(allowed.includes(answer.status) ? [] : [`${method} ${url} is answered ${answer.status} without a session, not ${allowed.join(" or ")}`]),
        ...beginsSession(`${method} ${url}`, answer),
      ];
    }),
  );
  return (await Promise.all(problems)).flat();
}

/** A name that nothing has, below `folder`, as it may be written. */
function invented(folder: string): string[] {
  const name = `${folder}${randomBytes(8).toString("hex")}.js`;
  return [name, `/${name.replace(/^\/./, (start) => `/%${start.charCodeAt(1).toString(16)}`)}/x`];
}

/** Problems of API requests without a token. */
async function api({ urls: { bookstack }, outside }: Target): Promise<string[]> {
  const problems = ["books", randomBytes(8).toString("hex")].map(async (name) => {
    const url = `${bookstack}${API}${name}`;
    const answer = await outside.ask(url, { accept: "application/json" });
    return [...(answer.status === 401 ? [] : [`${url} is answered ${answer.status} without a token, not 401`]), ...beginsSession(url, answer)];
  });
  return (await Promise.all(problems)).flat();
}

function beginsSession(what: string, { headers }: Answer): string[] {
  const cookies = headers["set-cookie"];
  return cookies === undefined ? [] : [`${what} begins a session for every client (cookie ${/^[^=]*/.exec(cookies)?.[0]})`];
}

function isFolder(path: string): boolean {
  return path.endsWith("/");
}

function hostOf(url: string): string {
  return new URL(url).hostname;
}
