import { check } from "../../../../lib/verify/checks/https-redirect";
import { localEnvironment } from "../../../support/example";
import { findings, URLS } from "../subject";

test("holds where each name leads to itself", async () => {
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
  const asked: string[] = [];
  const environment = { ...localEnvironment(), ports: { address: "0.0.0.0", http: 8081, https: 8443 } };
  const ask = async (url: string) => {
    asked.push(url);
    return { status: 301, headers: { location: url.replace("http:", "https:").replace(":8081", ":8443") } };
  };
  expect(await findings(check, { subject: { environment, urls: { bookstack: "https://bookstack.wiki.example.com:8443" } }, outside: { ask } })).toEqual([]);
  expect(asked).toEqual(["http://bookstack.wiki.example.com:8081/books?page=2"]);
});
