import { parse } from "yaml";
import { parseEnvironment } from "../../../lib/environment/load";
import { warningsOf } from "../../../lib/stack/application";
import { WikiStack } from "../../../lib/stack/wiki-stack";
import { read, testApp } from "../../support/plan";

function stackOf(wiki: string, more = ""): WikiStack {
  const users = "users: [{ name: alice, displayName: Alice, email: alice@example.com }]\n";
  const text = `domain: wiki.example.com\n${users}wiki: { admin: { email: admin@example.com }${wiki} }\n${more}`;
  return new WikiStack(testApp(), parseEnvironment("it", text, "environments/it.yaml"));
}

describe("the sizes of a wiki", () => {
  const plan = read(stackOf(", uploadLimit: 1G, memory: 2G, phpMemory: 800M, timeLimit: 10m"));
  const ini = plan.file("it-bookstack", "php/90-wiki.ini").split("\n");
  const largest = 2 ** 30;

  test("uploadLimit is that of PHP, Apache and BookStack, and gives the edge time for a line of 1 Mbit/s", () => {
    expect(ini).toEqual(expect.arrayContaining([`upload_max_filesize=${largest}`, `post_max_size=${largest + 2 ** 21}`]));
    expect(plan.file("it-bookstack", "variables.conf")).toContain(`Define UPLOAD_BYTES ${largest + 2 ** 21}\n`);
    expect(plan.container("it-bookstack").env).toContain("FILE_UPLOAD_SIZE_LIMIT=1074");
    const { entryPoints } = parse(plan.file("it-traefik", "traefik.yml"));
    expect(entryPoints.websecure.transport.respondingTimeouts.readTimeout).toBe("2h24m27s");
    expect(ini).toContain("wiki.upload_time=8667");
  });

  test("phpMemory and timeLimit are those of as many expensive requests as fit, and the edge waits longer", () => {
    const limits = ["wiki.expensive_memory=838860800", "wiki.expensive_at_once=2", "wiki.expensive_time=600", "memory_limit=256M", "max_execution_time=60"];
    expect(ini).toEqual(expect.arrayContaining(limits));
    const { http } = parse(plan.file("it-traefik", "dynamic/routes.yml"));
    expect(http.serversTransports.bookstack).toEqual({ forwardingTimeouts: { dialTimeout: "5s", responseHeaderTimeout: "21m0s" } });
  });
});

describe("errors are reported in time", () => {
  const warnings = (wiki: string, more?: string) => warningsOf(stackOf(wiki, more)).filter((text) => /wiki[.](uploadLimit|memory)/.test(text));
  const proxied = "dns: { provider: cloudflare, zone: wiki.example.com, ipv4: 203.0.113.10, proxied: true }\n";

  test("that Cloudflare refuses what the wiki would take", () => {
    expect(warnings(", uploadLimit: 101M", proxied)).toEqual([
      "wiki.uploadLimit is 101M, but Cloudflare refuses more than 100M unless you pay for it; lower it, or set dns.proxied to false",
    ]);
    expect([warnings(", uploadLimit: 100M", proxied), warnings(", uploadLimit: 101M")]).toEqual([[], []]);
  });

  test("that a small wiki has little memory for exports", () => {
    expect(warnings(", memory: 256M")).toEqual([
      "exports and pictures may use 64M of memory: large ones fail, with a message; raise wiki.memory to 480M or more",
    ]);
    expect([warnings(""), warnings(", memory: 512M")]).toEqual([[], []]);
  });
});
