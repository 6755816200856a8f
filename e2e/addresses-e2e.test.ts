import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { TestAuthority } from "../__tests__/support/certificates";
import { blocksBelow, document } from "../__tests__/support/documents";
import { describeUnless, missingProgram } from "../__tests__/support/needs";
import type { Credentials } from "../lib/cli/commands/credentials";
import type { Outcome } from "../lib/operations/verify/check";
import { Deployment, succeeded, until } from "./support/deployment";
import { Machine, MachineEngine, missingForMachines } from "./support/machine";
import { LEFT_OUT } from "./support/needs";
import { Visitor } from "./support/portal";

const PAGE = document("docs/addresses.md");
const [IPV6, BEHIND_PROXY, BEHIND_TUNNEL, BEHIND_NAT] = ["IPv6", "Behind a reverse proxy on the same host", "Behind a Cloudflare Tunnel", "Behind NAT"];
const DOMAIN = "wiki.example.com";
const BOOKSTACK = `bookstack.${DOMAIN}`;
/** The client is this machine, behind a router to the Docker host. */
const CLIENT = { ipv4: "198.51.100.66", ipv6: "2001:db8:66::66" };
const ROUTER = { ipv4: "198.51.100.1", ipv6: "2001:db8:66::1" };
const HOST = { ipv4: "203.0.113.10", ipv6: "2001:db8:113::10" };
const FORGED = ["X-Forwarded-For", "X-Real-Ip", "CF-Connecting-IP", "Forwarded"].flatMap((name) => ["--header", `${name}: 192.0.2.7`]);
/** URLs of a client that bypassed the proxy. */
const LOCAL_PORT = /:8443|:8081/;

/** Blocks that the page shows below a heading, in one language. */
const shown = (heading: string, language: string): string[] => blocksBelow(PAGE, heading, language);
/** The environment that it shows there. */
const environment = (heading: string): Record<string, unknown> => parse(shown(heading, "yaml")[0] ?? "");

const missing = LEFT_OUT ?? missingForMachines(["dockerd", "nft", "nginx", "curl"]);

describeUnless(missing, "the addresses of docs/addresses.md, on a separate engine", () => {
  let host: Machine;
  let router: Machine;
  let engine: MachineEngine;
  let wiki: Deployment;
  let company: TestAuthority;
  let companyRoot: string;
  let localRoot: string;

  beforeAll(async () => {
    [host, router, company] = [new Machine("host"), new Machine("router"), new TestAuthority()];
    [companyRoot, localRoot] = [join(host.directory, "company-root.pem"), join(host.directory, "local-root.pem")];
    engine = new MachineEngine(host);
    wiki = new Deployment({ name: "adr", http: 80, https: 443, subnets: 0, host: engine.host, within: host.enterArgs(join(__dirname, "..")) });
    await Promise.all([host.started(), router.started()]);
    connect();
    write(environment(BEHIND_PROXY));
    const [daemon = ""] = shown(IPV6, "json");
    await engine.start([...new Set(wiki.summary().containers.map(({ image }) => image))], JSON.parse(daemon));
    wiki.must("deploy");
    writeFileSync(localRoot, wiki.must("ca"));
    writeFileSync(companyRoot, company.root.certificate);
    provideCertificate();
  });

  afterAll(async () => {
    engine.empty();
    await router.stop();
    await host.stop();
    company.remove();
    for (const ending of ["", ".backup"]) rmSync(`${wiki.stateFile()}${ending}`, { force: true });
  });

  function connect(): void {
    const inside = { link: "inside", addresses: ["203.0.113.1/24", "2001:db8:113::1/64"] };
    const outside = { link: "outside", addresses: [`${ROUTER.ipv4}/24`, `${ROUTER.ipv6}/64`] };
    router.connect(inside, { machine: host, link: "eth0", addresses: [`${HOST.ipv4}/24`, `${HOST.ipv6}/64`] });
    router.connect(outside, { link: "adr-client", addresses: [`${CLIENT.ipv4}/24`, `${CLIENT.ipv6}/64`] });
    router.shell("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
    host.shell("ip route add default via 203.0.113.1 && ip -6 route add default via 2001:db8:113::1");
    const lead = (range: string, via: string) => succeeded(spawnSync("ip", ["route", "replace", range, "via", via], { encoding: "utf8" }));
    lead("203.0.113.0/24", ROUTER.ipv4);
    lead("2001:db8:113::/64", ROUTER.ipv6);
  }

  function write(blocks: Readonly<Record<string, unknown>>): void {
    wiki.write({ domain: DOMAIN, networks: {}, signOn: {}, ...blocks });
  }

  /** Where the page has it, for the names that clients ask for. */
  function provideCertificate(): void {
    const made = company.issue([`*.${DOMAIN}`]);
    host.write(`/etc/letsencrypt/live/${DOMAIN}/fullchain.pem`, company.chain(made));
    host.write(`/etc/letsencrypt/live/${DOMAIN}/privkey.pem`, made.key, 0o600);
  }

  /** The lines for a shell below a heading that need no account elsewhere. */
  function follow(heading: string, which: RegExp): void {
    const script = shown(heading, "sh")
      .join("")
      .split("\n")
      .filter((line) => which.test(line))
      .join("\n");
    const command = wiki
      .line("ca")
      .map((arg) => `'${arg}'`)
      .join(" ");
    host.shell(`sudo() { "$@"; }\n${script.replaceAll("npm run --silent ca -- production", command)}`, host.directory);
  }

  /** What a client is answered at `address`: head and body. */
  function ask(url: string, address: string, options: readonly string[] = [], root = companyRoot): string {
    const { hostname, port, protocol } = new URL(url);
    const resolve = ["--resolve", `${hostname}:${port || (protocol === "https:" ? 443 : 80)}:${address.includes(":") ? `[${address}]` : address}`];
    return succeeded(spawnSync("curl", ["--silent", "--show-error", "--include", "--cacert", root, ...resolve, ...options, url], { encoding: "utf8" }));
  }

  /** The client address that Traefik saw for a request of `make` with a unique path. */
  function clientSeen(make: (url: string) => string): unknown {
    const path = `/?mark=${Math.random()}`;
    const answer = make(`https://${BOOKSTACK}${path}`);
    const lines = engine.must("exec", wiki.container("traefik"), "cat", "/var/log/traefik/access.log").split("\n");
    const line = lines.map((text) => JSON.parse(text)).find(({ RequestPath }) => RequestPath === path);
    // of a list that a client began the last entry counts
    return line?.ClientHost.split(",").at(-1) ?? answer;
  }

  /** Every line of verify that is not OK, with DNS records for `address`. */
  function verify(address: string): Outcome[] {
    host.write("/etc/resolv.conf", `nameserver ${HOST.ipv4}\n`);
    const zone = host.start(process.execPath, [join(__dirname, "support", "zone-stand-in.js"), DOMAIN, HOST.ipv4, "8053", "53", "none", address]);
    const { stdout, stderr } = wiki.command("verify", "--json");
    zone.kill();
    if (stdout === "") throw new Error(stderr);
    const checks: Outcome[] = JSON.parse(stdout).checks;
    // no backup was made here
    return checks.filter(({ name, result }) => result !== "ok" && result !== "skipped" && !name.startsWith("backup-"));
  }

  describe("behind a proxy that is on 443 already: nginx", () => {
    let nginx: ReturnType<Machine["start"]>;

    beforeAll(async () => {
      follow(BEHIND_PROXY, /./);
      host.write("/etc/nginx/conf.d/wiki.conf", shown(BEHIND_PROXY, "nginx").join("\n"));
      const [pid, log] = ["pid", "log"].map((ending) => join(host.directory, `nginx.${ending}`));
      host.write(
        "/etc/nginx/nginx.conf",
        `user www-data;\npid ${pid};\nerror_log ${log};\nevents {}\nhttp { access_log ${log}; include /etc/nginx/conf.d/*.conf; }\n`,
      );
      nginx = host.start("nginx", ["-g", "daemon off;"]);
      await until(() => host.run("curl", ["--silent", "http://127.0.0.1"]).status === 0, 20, "nginx answers");
    });

    afterAll(async () => {
      nginx.kill();
      await until(() => host.run("curl", ["--silent", "http://127.0.0.1"]).status !== 0, 20, "nginx has ended");
    });

    test("signing in, redirects and links have the public port", async () => {
      const visitor = new Visitor({ domain: DOMAIN, port: 443, ca: company.root.certificate, address: HOST.ipv4 });
      const first = await visitor.ask(visitor.url("bookstack", "/books"));
      expect([first.status, first.location]).toEqual([302, expect.stringMatching(`^https://auth\\.${DOMAIN}/\\?rd=https%3A%2F%2F${BOOKSTACK}%2Fbooks`)]);
      const credentials = (): Credentials => JSON.parse(wiki.must("credentials", "--json"));
      const password = credentials().users[0]?.password ?? "";
      expect(await visitor.firstFactor("demo", password)).toBe(200);
      const secret = await visitor.enrol(() => credentials().message ?? "");
      expect(await visitor.secondFactor(secret)).toBe(200);
      const { status, url, body } = await visitor.visit(visitor.url("bookstack", "/books"));
      expect([status, url]).toEqual([200, `https://${BOOKSTACK}/books`]);
      expect(body).toContain(`<meta name="base-url" content="https://${BOOKSTACK}">`);
      expect(
        body.match(/(href|src|action)="https?:[^"]*"/g)?.filter((link) => LOCAL_PORT.test(link) || !new RegExp(`"https://${BOOKSTACK}["/]`).test(link)),
      ).toEqual([]);
    });

    test("a request without TLS is sent to HTTPS on the public port", () => {
      expect(ask(`http://${BOOKSTACK}/books?page=2`, HOST.ipv4)).toContain(`Location: https://${BOOKSTACK}/books?page=2\r\n`);
    });

    test("the edge sees the address of each client, and does not believe what a client says of it", () => {
      expect(clientSeen((url) => ask(url, HOST.ipv4))).toBe(CLIENT.ipv4);
      expect(clientSeen((url) => ask(url, HOST.ipv6))).toBe(CLIENT.ipv6);
      expect(clientSeen((url) => ask(url, HOST.ipv4, FORGED))).toBe(CLIENT.ipv4);
    });

    test("an upload as large as wiki.uploadLimit reaches the edge, and HTTP/3 is not offered", () => {
      const file = join(host.directory, "upload");
      writeFileSync(file, Buffer.alloc(50 * 2 ** 20));
      const answer = ask(`https://${BOOKSTACK}/attachments/upload`, HOST.ipv4, ["--form", `file=@${file}`, "--form", "uploaded_to=1", "--header", "Expect:"]);
      // the edge asks for a session
      expect(answer).toMatch(/^HTTP\/2 (401|303)/);
      expect(answer).not.toMatch(/alt-svc/i);
    });

    test("npm run verify finds nothing", () => {
      wiki.variables = { NODE_EXTRA_CA_CERTS: companyRoot };
      expect(verify(HOST.ipv4)).toEqual([]);
    });
  });

  describe("behind a tunnel", () => {
    let tunnel: ReturnType<Machine["start"]>;
    const [, config = ""] = shown(BEHIND_TUNNEL, "yaml");

    beforeAll(async () => {
      // already deployed, without DNS records
      expect(environment(BEHIND_TUNNEL)).toEqual({ ...environment(BEHIND_PROXY), dns: { provider: "none" } });
      follow(BEHIND_TUNNEL, /wiki-ca/);
      host.write("/etc/cloudflared/config.yml", config);
      const files = ["fullchain", "privkey"].map((name) => `/etc/letsencrypt/live/${DOMAIN}/${name}.pem`);
      tunnel = host.start(process.execPath, [join(__dirname, "support", "tunnel.js"), "/etc/cloudflared/config.yml", ...files, HOST.ipv4]);
      await until(() => host.run("curl", ["--silent", "--insecure", `https://${HOST.ipv4}`]).status === 0, 20, "the tunnel answers");
    });

    afterAll(() => {
      tunnel.kill();
    });

    test("the names point to the wiki and the portal, on the public port", () => {
      expect(ask(`https://${BOOKSTACK}/books`, HOST.ipv4)).toContain(`ocation: https://auth.${DOMAIN}/?rd=https%3A%2F%2F${BOOKSTACK}%2Fbooks`);
      expect(ask(`https://auth.${DOMAIN}/`, HOST.ipv4)).toMatch(/^HTTP\/\S+ 200/);
      expect(ask(`https://other.${DOMAIN}/`, HOST.ipv4)).toMatch(/^HTTP\/\S+ 404/);
    });

    test("the edge sees the address of each client, and does not believe what a client says of it", () => {
      expect(clientSeen((url) => ask(url, HOST.ipv4))).toBe(CLIENT.ipv4);
      expect(clientSeen((url) => ask(url, HOST.ipv4, FORGED))).toBe(CLIENT.ipv4);
    });
  });

  // without the program its view is unknown
  (missingProgram("cloudflared") ? test.skip : test)("cloudflared accepts the configuration of the page, and routes each name to the port", () => {
    const [, config = ""] = shown(BEHIND_TUNNEL, "yaml");
    const file = join(host.directory, "config.yml");
    writeFileSync(file, config);
    const cloudflared = (...args: readonly string[]) =>
      succeeded(spawnSync("cloudflared", ["tunnel", "--config", file, "ingress", ...args], { encoding: "utf8" }));
    expect(cloudflared("validate")).toContain("OK");
    for (const name of ["bookstack", "auth", "traefik", "grafana"])
      expect(cloudflared("rule", `https://${name}.${DOMAIN}/`)).toContain("https://127.0.0.1:8443");
  });

  describe("behind NAT, and by IPv6", () => {
    beforeAll(() => {
      const ports = [BEHIND_NAT, IPV6].map((heading) => environment(heading).ports);
      write({ ports: Object.assign({}, ...ports) });
      wiki.must("deploy");
      wiki.variables = {};
      const forward = (family: string, from: string, to: string) =>
        `${family} daddr ${from} tcp dport 443 dnat ${family} to ${to}:8443
        ${family} daddr ${from} udp dport 443 dnat ${family} to ${to}:8443
        ${family} daddr ${from} tcp dport 80 dnat ${family} to ${to}:8081`;
      router.must(
        "nft",
        `table inet nat {
          chain forward { type nat hook prerouting priority dstnat
            ${forward("ip", ROUTER.ipv4, HOST.ipv4)}
            ${forward("ip6", HOST.ipv6, `[${HOST.ipv6}]`)}
          }
          chain hairpin { type nat hook postrouting priority srcnat
            ip saddr ${HOST.ipv4} ip daddr ${HOST.ipv4} masquerade
          }
        }`,
      );
    });

    test("signing in and redirects have the public port, and HTTP/3 is offered on it", () => {
      const answer = ask(`https://${BOOKSTACK}/books`, ROUTER.ipv4, [], localRoot);
      expect(answer).toContain(`ocation: https://auth.${DOMAIN}/?rd=https%3A%2F%2F${BOOKSTACK}%2Fbooks`);
      expect(answer).toContain('alt-svc: h3=":443"');
      expect(ask(`http://${BOOKSTACK}/books`, ROUTER.ipv4)).toContain(`Location: https://${BOOKSTACK}/books\r\n`);
    });

    test("the edge sees the address of each client by IPv4 and by IPv6, and does not believe what a client says of it", () => {
      expect(clientSeen((url) => ask(url, ROUTER.ipv4, FORGED, localRoot))).toBe(CLIENT.ipv4);
      expect(clientSeen((url) => ask(url, HOST.ipv6, FORGED, localRoot))).toBe(CLIENT.ipv6);
      expect(host.must("ss", "--listening", "--tcp", "--numeric", "--no-header")).toContain("[::]:8443");
    });

    test("npm run verify finds nothing", () => {
      expect(verify(ROUTER.ipv4)).toEqual([]);
    });
  });
});
