import { check } from "../../../../../lib/operations/verify/checks/sign-on-wall";
import type { Answer } from "../../../../../lib/operations/verify/target";
import { localEnvironment } from "../../../../support/example";
import { findings, targetOf, URLS } from "../target";

const usual = targetOf().outside;

test("succeeds if nothing is visible without a session", async () => {
  expect(await findings(check)).toEqual([]);
});

test("a wiki that is open is found, to browsers and to programs", async () => {
  const ask: typeof usual.ask = async (url, headers) => (url.startsWith(URLS.bookstack) ? { status: 200, headers: {} } : usual.ask(url, headers));
  expect(await findings(check, { outside: { ask } })).toEqual(
    expect.arrayContaining([
      `${URLS.bookstack}/ answers a browser without a session with 200, and does not redirect it to ${URLS.portal}`,
      `${URLS.bookstack}/ answers a program without a session 200, not 401`,
    ]),
  );
});

test("a redirect to another site is found", async () => {
  const ask: typeof usual.ask = async (url, headers) => {
    const { status, headers: given } = await usual.ask(url, headers);
    return { status, headers: given.location === undefined ? given : { ...given, location: "https://auth.wiki.example.com.evil.example/" } };
  };
  expect(await findings(check, { outside: { ask } })).toEqual(
    [
      "bookstack.wiki.example.com/",
      "bookstack.wiki.example.com/index.php/scripts/x",
      "bookstack.wiki.example.com/scripts/%2e%2e/books",
      "traefik.wiki.example.com/",
    ].map((page) => `https://${page} answers a browser without a session with 302, and does not redirect it to ${URLS.portal}`),
  );
});

/** The usual answers, but those to `path` of the wiki. */
function instead(path: RegExp, answer: Answer): typeof usual.ask {
  return async (url, headers, method) => (path.test(url.slice(URLS.bookstack.length)) ? answer : usual.ask(url, headers, method));
}

test("an open path where an invented name is a page, which begins a session, is found (F3)", async () => {
  const ask = instead(/^\/scripts\/[0-9a-f]+\.js$/, { status: 404, headers: { "set-cookie": "bookstack_session=x; path=/" } });
  const url = `${URLS.bookstack}/scripts/`;
  expect(await findings(check, { outside: { ask } })).toEqual([
    expect.stringMatching(`^GET ${url}[0-9a-f]{16}.js begins a session for every client \\(cookie bookstack_session\\)$`),
    expect.stringMatching(`^POST ${url}[0-9a-f]{16}.js begins a session`),
  ]);
});

test.each([200, 302, 419, 500])("an open path where an invented name is answered %i is found", async (status) => {
  const ask = instead(/^\/+%73cripts\//, { status, headers: {} });
  expect(await findings(check, { outside: { ask } })).toEqual([
    expect.stringMatching(`^GET .*//%73cripts/[0-9a-f]{16}.js/x is answered ${status} without a session, not 404 or 405$`),
    expect.stringMatching("^POST "),
  ]);
});

test.each([
  [{ status: 404, headers: {} }, "is answered 404 without a token, not 401"],
  [{ status: 401, headers: { "set-cookie": "XSRF-TOKEN=x" } }, "begins a session for every client (cookie XSRF-TOKEN)"],
])("an API that does more than refuse those without a token is found: %j", async (answer, problem) => {
  const found = await findings(check, { outside: { ask: instead(/^\/api\//, answer) } });
  expect(found).toHaveLength(2);
  for (const message of found) expect(message).toContain(problem);
});

test("the way past the portal is found", async () => {
  const environment = localEnvironment();
  const signOn = { ...environment.signOn, breakGlass: true };
  expect(await findings(check, { subject: { environment: { ...environment, signOn } } })).toEqual(["signOn.breakGlass bypasses the portal"]);
});
