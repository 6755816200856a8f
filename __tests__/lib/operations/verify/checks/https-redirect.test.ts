import { check } from "../../../../../lib/operations/verify/checks/https-redirect";
import { localEnvironment } from "../../../../support/example";
import { findings, targetOf, URLS } from "../target";

test("succeeds if each name is redirected to itself", async () => {
  expect(await findings(check)).toEqual([]);
});

test.each([
  [200, undefined, "answers 200, not a redirect to"],
  [302, `${URLS.bookstack}/books?page=2`, "answers 302 to https://bookstack"],
  [301, "https://elsewhere.example.com/", "answers 301 to https://elsewhere.example.com/, not a redirect to"],
])("an answer %d to %s is found", async (status, location, problem) => {
  const found = await findings(check, {
    outside: { ask: async () => ({ status, headers: { ...(location === undefined ? {} : { location }) } as Record<string, string> }) },
  });
  expect(found[0]).toContain(problem);
});

test("other ports are asked where they are", async () => {
  const requests: string[] = [];
  const environment = { ...localEnvironment(), ports: { address: "0.0.0.0", http: 8081, https: 8443 } };
  const ask = async (url: string) => {
    requests.push(url);
    return { status: 301, headers: { location: url.replace("http:", "https:").replace(":8081", ":8443") } };
  };
  expect(await findings(check, { subject: { environment, urls: { bookstack: "https://bookstack.wiki.example.com:8443" } }, outside: { ask } })).toEqual([]);
  expect(requests).toEqual(["http://bookstack.wiki.example.com:8081/books?page=2"]);
});

describe("behind a proxy on another port", () => {
  const environment = { ...targetOf().environment, ports: { address: "127.0.0.1", http: 8081, https: 8443, public: 443 } };
  const requests: string[] = [];
  const behind = (open: readonly number[], answers: (url: string) => { status: number; headers: Record<string, string> }) => ({
    subject: { environment, urls: { bookstack: URLS.bookstack } },
    outside: {
      reaches: async (port: number) => open.includes(port),
      ask: async (url: string) => {
        requests.push(url);
        return answers(url);
      },
    },
  });
  const signOn = { status: 302, headers: { location: `${URLS.portal}/?rd=x` } };

  beforeEach(() => requests.splice(0));

  test("people ask on port 80, whatever the port on the Docker host", async () => {
    const redirects = (url: string) => (url.startsWith("http:") ? { status: 301, headers: { location: url.replace("http:", "https:") } } : signOn);
    expect(await findings(check, behind([80, 443], redirects))).toEqual([]);
    expect(requests).toEqual([`${URLS.bookstack.replace("https:", "http:")}/books?page=2`, `${URLS.bookstack}/`]);
  });

  test("a proxy that does not listen there serves nothing without TLS", async () => {
    expect(
      await findings(
        check,
        behind([443], () => signOn),
      ),
    ).toEqual([]);
    expect(requests).toEqual([`${URLS.bookstack}/`]);
  });

  test("a proxy that serves pages there is found", async () => {
    expect(
      await findings(
        check,
        behind([80, 443], () => signOn),
      ),
    ).toEqual([expect.stringContaining("/books?page=2 answers 302 to")]);
  });

  test("a proxy that connects without TLS is found: it causes a redirect loop", async () => {
    const loops = () => ({ status: 301, headers: { location: `${URLS.bookstack}/` } });
    expect(await findings(check, behind([443], loops))).toEqual([`${URLS.bookstack}/ redirects to itself`]);
  });
});

test("behind a proxy that reaches nothing it is not known whether it asks with TLS", async () => {
  const { environment: usual } = targetOf();
  const environment = { ...usual, dns: { ...usual.dns, proxied: true } };
  const ask = async (url: string) =>
    url.startsWith("http:") ? { status: 301, headers: { location: url.replace("http:", "https:") } } : { status: 522, headers: {} as Record<string, string> };
  expect(await findings(check, { subject: { environment, urls: { bookstack: URLS.bookstack } }, outside: { ask } })).toEqual([
    `unknown: ${URLS.bookstack}/ answers 522, so the redirect is unknown`,
  ]);
});

test("Cloudflare's mode Flexible is found: it asks without TLS", async () => {
  const { environment: usual } = targetOf();
  const environment = { ...usual, dns: { ...usual.dns, provider: "cloudflare" as const, proxied: true } };
  const ask = async (url: string) => ({ status: 301, headers: { location: url.replace("http:", "https:") } });
  const found = await check.run(targetOf({ subject: { environment, urls: { bookstack: URLS.bookstack } }, outside: { ask } }));
  expect(found).toEqual([{ problem: `${URLS.bookstack}/ redirects to itself`, remedy: "set SSL/TLS of the zone at Cloudflare to Full (strict)" }]);
});
