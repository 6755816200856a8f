import { check } from "../../../../../lib/operations/verify/checks/security-headers";
import { localEnvironment } from "../../../../support/example";
import { findings, HEADERS, URLS } from "../target";

const answering = (headers: Readonly<Record<string, string>>) => ({
  outside: { ask: async (url: string) => ({ status: 200, headers: url.startsWith(URLS.portal) ? headers : HEADERS }) },
});
const without = (name: string) => Object.fromEntries(Object.entries(HEADERS).filter(([header]) => header !== name));

test("holds where all are there", async () => {
  expect(await findings(check)).toEqual([]);
});

test.each(Object.keys(HEADERS))("an answer without %s is found", async (name) => {
  expect(await findings(check, answering(without(name)))).toEqual([`${URLS.portal} answers without ${name}`]);
});

test("another value is found", async () => {
  expect(await findings(check, answering({ ...HEADERS, "x-frame-options": "ALLOWALL" }))).toEqual([`${URLS.portal} answers x-frame-options: ALLOWALL`]);
});

test("a wiki that other sites may show in a frame has no x-frame-options, which could not name them", async () => {
  const ask = async (url: string) => ({ status: 200, headers: url.startsWith(URLS.bookstack) ? without("x-frame-options") : HEADERS });
  expect(await findings(check, { outside: { ask } })).toEqual([`${URLS.bookstack} answers without x-frame-options`]);
  const local = localEnvironment();
  const environment = { ...local, wiki: { ...local.wiki, options: { ALLOWED_IFRAME_HOSTS: ["https://intranet.example.com"] } } };
  expect(await findings(check, { outside: { ask }, subject: { environment } })).toEqual([]);
});

test("a proxy in front may tell its name, and neither its version nor the program behind", async () => {
  const local = localEnvironment();
  const environment = { ...local, ports: { ...local.ports, https: 8443, public: 443 }, access: { proxies: ["172.30.10.1/32"] } };
  const problems = (headers: Readonly<Record<string, string>>) => findings(check, { ...answering({ ...HEADERS, ...headers }), subject: { environment } });
  expect(await problems({ server: "nginx" })).toEqual([]);
  expect(await problems({ server: "nginx/1.22.1" })).toEqual([`${URLS.portal} tells server: nginx/1.22.1`]);
  expect(await problems({ "x-powered-by": "PHP" })).toEqual([`${URLS.portal} tells x-powered-by: PHP`]);
});

test.each(["server", "x-powered-by"])("%s is found", async (name) => {
  expect(await findings(check, answering({ ...HEADERS, [name]: "Apache/2.4" }))).toEqual([`${URLS.portal} tells ${name}: Apache/2.4`]);
});
