import { check } from "../../../../lib/verify/checks/sign-on-wall";
import { localEnvironment } from "../../../support/example";
import { findings, subjectOf, URLS } from "../subject";

const usual = subjectOf().outside;

test("holds where nobody sees anything without a session", async () => {
  expect(await findings(check)).toEqual([]);
});

test("a wiki that is open is found, to browsers and to programs", async () => {
  const ask: typeof usual.ask = async (url, headers) => (url.startsWith(URLS.bookstack) ? { status: 200, headers: {} } : usual.ask(url, headers));
  expect(await findings(check, { outside: { ask } })).toEqual([
    `${URLS.bookstack} answers a browser without a session 200, and does not lead it to ${URLS.portal}`,
    `${URLS.bookstack} answers a program without a session 200, not 401`,
  ]);
});

test("a redirect that leads elsewhere is found", async () => {
  const ask: typeof usual.ask = async (url, headers) => {
    const { status, headers: given } = await usual.ask(url, headers);
    return { status, headers: given.location === undefined ? given : { ...given, location: "https://auth.wiki.example.com.evil.example/" } };
  };
  expect(await findings(check, { outside: { ask } })).toHaveLength(2);
});

test("the way past the portal is found", async () => {
  const environment = localEnvironment();
  const signOn = { ...environment.signOn, breakGlass: true };
  expect(await findings(check, { subject: { environment: { ...environment, signOn } } })).toEqual(["signOn.breakGlass leads past the portal"]);
});
