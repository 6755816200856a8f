import { Fail2ban } from "../../../constructs/host/fail2ban";
import { Firewall } from "../../../constructs/host/firewall";
import { renderPart } from "../../../constructs/host/host-part";
import { fileIn, hostScripts } from "../../support/host-parts";

const scripts = hostScripts();
const script = (part: string) => scripts.get(part) ?? "";

test("are applied in an order in which each finds what it needs", () => {
  expect([...scripts.keys()]).toEqual([
    "base",
    "sysctl",
    "accounts",
    "firewall",
    "sshd",
    "slice",
    "docker-daemon",
    "auditd",
    "maintenance",
    "fail2ban",
    "secrets",
    "firewall-bouncer",
    "checks",
  ]);
});

describe("the firewall", () => {
  const rules = (props: Partial<ConstructorParameters<typeof Firewall>[0]>) =>
    fileIn(renderPart(new Firewall({ sshPort: 22, published: [80, 443], publishedUdp: [443], ...props }), "test"), "/etc/bookstack/ufw.rules")
      .trim()
      .split("\n");

  test("lets in SSH, the wiki, and what containers of the backend ask of the host", () => {
    expect(fileIn(script("firewall"), "/etc/bookstack/ufw.rules").trim().split("\n")).toEqual([
      "ufw deny in on docker0 to any port 22 proto tcp",
      "ufw deny in on br-+ to any port 22 proto tcp",
      "ufw deny in on bs-+ to any port 22 proto tcp",
      "ufw allow 22/tcp",
      "ufw allow in on bs-hard-be from 172.30.20.0/24 to 172.30.20.1 port 3000 proto tcp",
      "ufw allow in on bs-hard-be from 172.30.20.0/24 to 172.30.20.1 port 9100 proto tcp",
    ]);
    expect(rules({}).slice(3)).toEqual(["ufw allow 22/tcp", "ufw allow 80/tcp", "ufw allow 443/tcp", "ufw allow 443/udp"]);
  });

  test("lets SSH in from nowhere else than named", () => {
    expect(rules({ sshPort: 2222, sshFrom: ["198.51.100.0/29", "2001:db8::/48"] }).filter((rule) => rule.includes("2222") && rule.includes("allow"))).toEqual([
      "ufw allow from 198.51.100.0/29 to any port 2222 proto tcp",
      "ufw allow from 2001:db8::/48 to any port 2222 proto tcp",
    ]);
  });

  test("filters published ports with its own table, before Docker's", () => {
    const table = fileIn(renderPart(new Firewall({ sshPort: 22, published: [80], publishedUdp: [443] }), "test"), "/etc/bookstack/table.nft");
    expect(table.split("\n").map((line) => line.trim())).toEqual([
      "table inet bookstack {",
      "chain forward {",
      "type filter hook forward priority filter - 5; policy accept;",
      "ct state established,related accept",
      'iifname "docker0" accept',
      'iifname "br-*" accept',
      'iifname "bs-*" accept',
      "meta l4proto tcp ct status dnat ct original proto-dst 80 accept",
      "meta l4proto udp ct status dnat ct original proto-dst 443 accept",
      'limit rate 3/minute burst 10 packets log prefix "[UFW BLOCK DOCKER] "',
      "counter drop",
      "}",
      "}",
      "",
    ]);
  });

  test("accepts connections to published ports only from proxies in front, over IPv4 and IPv6: clients could bypass Cloudflare on 443", () => {
    const props = { sshPort: 22, published: [80, 443], publishedUdp: [], publishedFrom: ["2400:CB00::/32", "104.16.1.2/13", "192.0.2.7/32", "192.0.2.7/32"] };
    const part = renderPart(new Firewall(props), "test");
    expect(
      fileIn(part, "/etc/bookstack/table.nft")
        .split("\n")
        .slice(0, 20)
        .map((line) => line.trim()),
    ).toEqual([
      "table inet bookstack {",
      "chain proxies {",
      "ip saddr 104.16.0.0/13 accept",
      "ip saddr 192.0.2.7 accept",
      "ip6 saddr 2400:cb00::/32 accept",
      "}",
      "",
      "chain forward {",
      "type filter hook forward priority filter - 5; policy accept;",
      "ct state established,related accept",
      'iifname "docker0" accept',
      'iifname "br-*" accept',
      'iifname "bs-*" accept',
      "meta l4proto tcp ct status dnat ct original proto-dst 80 jump proxies",
      "meta l4proto tcp ct status dnat ct original proto-dst 443 jump proxies",
      'limit rate 3/minute burst 10 packets log prefix "[UFW BLOCK DOCKER] "',
      "counter drop",
      "}",
      "}",
      "",
    ]);
    expect(fileIn(part, "/etc/bookstack/ufw.rules")).not.toMatch(/allow (80|443)/);
  });

  test("can be undone from before the first rule is touched", () => {
    const lines = script("firewall").split("\n");
    const at = (start: string) => lines.findIndex((line) => line.startsWith(start));
    expect(at("rollback_unless_confirmed ")).toBeGreaterThan(at("remember "));
    expect(at("setting ")).toBeGreaterThan(at("rollback_unless_confirmed "));
    expect(at("file 0644 root:root /etc/bookstack/ufw.rules")).toBeGreaterThan(at("rollback_unless_confirmed "));
    expect(lines.findLastIndex((line) => line.startsWith("rollback_unless_confirmed "))).toBe(at("rollback_unless_confirmed "));
  });
});

test("the kernel goes on to route, or containers are cut off at the next boot", () => {
  const values = fileIn(script("sysctl"), "/etc/sysctl.d/99-zz-bookstack.conf");
  expect(values).toContain("net.ipv4.ip_forward = 1\n");
  expect(values).not.toMatch(/(forwarding|ip_forward|modules_disabled) = 0|modules_disabled = 1/);
  // each value has its reason above it
  expect(values.startsWith("# ")).toBe(true);
});

test("sshd takes keys only, and shows the one kind of key that is pinned", () => {
  const settings = fileIn(script("sshd"), "/etc/ssh/sshd_config.d/00-bookstack.conf");
  for (const line of ["PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password", "HostKeyAlgorithms ssh-ed25519"]) {
    expect(settings).toContain(`${line}\n`);
  }
  expect(settings).not.toMatch(/sha1|-cbc|nistp|^Port /m);
});

describe("Fail2Ban", () => {
  const jails = fileIn(script("fail2ban"), "/etc/fail2ban/jail.d/zz-bookstack.local");

  test("bans after three tries by SSH, after five by MySQL", () => {
    expect(jails).toMatch(/\[sshd\]\nenabled=true\nport=22\nmode=aggressive\nmaxretry=3\n/);
    expect(jails).toMatch(/\[bookstack-mysql\]\n(.+\n)*maxretry=5\n/);
  });

  test("never bans containers, this host, or trusted addresses", () => {
    expect(jails).toContain("ignoreip=127.0.0.1/8 ::1 172.30.10.0/24 172.30.20.0/24 172.30.30.0/24\n");
    const trusting = renderPart(new Fail2ban({ sshPort: 22, trusted: ["198.51.100.0/29"], containers: ["10.0.0.0/24"] }), "test");
    expect(fileIn(trusting, "/etc/fail2ban/jail.d/zz-bookstack.local")).toContain("ignoreip=127.0.0.1/8 ::1 10.0.0.0/24 198.51.100.0/29\n");
  });

  test("has no jail for a database that is not there", () => {
    expect(renderPart(new Fail2ban({ sshPort: 22, trusted: [], containers: [] }), "test")).not.toContain("mysql");
  });
});

test("auditd gets rules in the kernel's format, and locks them", () => {
  const rules = fileIn(script("auditd"), "/etc/audit/rules.d/10-bookstack.rules").trim().split("\n").slice(2);
  for (const rule of rules) {
    expect(rule).toMatch(/^(-w \/\S+ -p (wa|wxa) -k [a-z-]+|-a always,exit (-F arch=b(32|64) -S [a-z0-9_,]+|-S all) (-F \S+ )*-k [a-z-]+)$/);
  }
  expect(new Set(rules).size).toBe(rules.length);
  expect(fileIn(script("auditd"), "/etc/audit/rules.d/99-finalize.rules")).toMatch(/^-e 2$/m);
});

test("the Docker daemon gets nothing that shows in every plan", () => {
  const { enforced, defaults } = JSON.parse(fileIn(script("docker-daemon"), "/etc/bookstack/daemon.json"));
  expect(enforced).toMatchObject({ "live-restore": true, "no-new-privileges": true, icc: false, "cgroup-parent": "bookstack.slice" });
  for (const settings of [enforced, defaults]) expect(settings).not.toHaveProperty("default-ulimits");
});

test("updates are security updates, of Debian and Ubuntu, without automatic reboot", () => {
  const settings = fileIn(script("maintenance"), "/etc/apt/apt.conf.d/52bookstack");
  expect(settings).toContain('"origin=Ubuntu,archive=${distro_codename}-security";');
  expect(settings).toContain('Unattended-Upgrade::Automatic-Reboot "false";');
});

test("the bouncer asks CrowdSec at its fixed address, with a key that is in memory alone", () => {
  const bouncer = script("firewall-bouncer");
  expect(fileIn(bouncer, "/etc/bookstack/firewall-bouncer.yaml")).toContain("api_url: http://172.30.20.11:8080/\n");
  expect(bouncer).toContain("/run/bookstack/hard/secrets/firewall-bouncer/bouncer_key_firewall");
  expect(bouncer).not.toMatch(/api_key: (?!"%s")/);
  // a boot without CrowdSec is none without a bouncer
  expect(fileIn(bouncer, "/usr/local/lib/bookstack-host/firewall-bouncer")).toContain("/dev/tcp/172.30.20.11/8080'");
  // it fills our sets: some releases would guard the host alone
  expect(fileIn(bouncer, "/etc/bookstack/firewall-bouncer.yaml").match(/set-only: true/g)).toHaveLength(2);
  const tables = fileIn(bouncer, "/etc/bookstack/firewall-bouncer.nft");
  for (const [family, set] of [
    ["ip", "crowdsec"],
    ["ip6", "crowdsec6"],
  ])
    expect(tables.match(new RegExp(`^\t\t${family} saddr @${set}-blacklists counter drop$`, "gm"))).toHaveLength(2);
  expect(tables.match(/hook (input|forward) priority/g)).toEqual([
    "hook input priority",
    "hook forward priority",
    "hook input priority",
    "hook forward priority",
  ]);
});
