import { RESTART_POLICY } from "../../../constructs/docker/labels";
import { parseEnvironment } from "../../../lib/environment/load";
import { standbyOf } from "../../../lib/environment/standby";
import { planned } from "../../support/application";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw";
const USUAL = {
  domain: "wiki.example.com",
  docker: { host: "ssh://deploy@203.0.113.10", hostKey: KEY },
  users: [{ name: "alice", displayName: "Alice", email: "alice@example.com", groups: ["admin"] }],
  wiki: { admin: { email: "admin@example.com" } },
};
const read = (more: object) => parseEnvironment("t", JSON.stringify({ ...USUAL, ...more }), "t.yaml");
const pair = read({ standby: { docker: { host: "ssh://deploy@203.0.113.11", hostKey: KEY } } });
const source = planned(pair);
const second = standbyOf(pair);
if (second === undefined) throw new Error("the pair has no second host");
const replica = planned(second);
const services = (plan: typeof source) =>
  plan
    .all("docker_container")
    .filter(({ restart }) => restart === RESTART_POLICY.service)
    .map(({ name }) => name)
    .sort();

test("on the standby runs what follows the source, and nothing that serves or writes", () => {
  expect(services(replica)).toEqual(["t-standby-bookstack-db", "t-standby-standby-link", "t-standby-standby-sync"]);
  expect(replica.file("t-standby-bookstack-db", "my.cnf")).toMatch(/^super_read_only=ON$/m);
  expect(replica.file("t-standby-bookstack-db", "my.cnf")).toMatch(/^event_scheduler=OFF$/m);
});

test("a host that served the wiki keeps every volume when it follows: its backups and logs, too", () => {
  const back = planned({ ...pair, replication: { role: "replica", serverId: 1, source: pair.docker } });
  // those of configuration come and go with their containers
  const volumes = (plan: typeof source) =>
    Object.entries<{ name: string }>(JSON.parse(plan.json).resource.docker_volume)
      .map(([address, { name }]) => `${address} ${name}`)
      .filter((volume) => !volume.includes("-config-"));
  expect(volumes(back)).toEqual(expect.arrayContaining(volumes(source)));
  const names = volumes(source).map((volume) => volume.split(" ")[1]);
  expect(names).toEqual(expect.arrayContaining(["t-backups", "t-crowdsec", "t-secrets", "t-secrets-traefik", "t-prometheus"]));
});

test("the host that took over refuses writes to the one that was written to before, and nothing does so without a failover", () => {
  const promoted = planned({ ...second, replication: { role: "source", serverId: 2, fences: pair.docker } });
  expect(services(promoted)).toEqual(expect.arrayContaining(["t-standby-standby-fence", "t-standby-standby-link", "t-standby-bookstack"]));
  expect(promoted.file("t-standby-standby-fence", "standby-fence.sh")).toContain("super_read_only = ON");
  expect(services(source).filter((name) => /fence|link/.test(name))).toEqual([]);
});

test("every image that a failover needs is on the standby before", () => {
  const images = (plan: typeof source) => plan.all("docker_image").map(({ name }) => name);
  expect(images(replica)).toEqual(expect.arrayContaining(images(source)));
});

test("the lag is read, shown and watched on the host with a standby, and nowhere else", () => {
  const alone = planned(read({}));
  const command = (plan: typeof source) => plan.container("t-mysqld-exporter").command;
  expect(command(source)).toEqual(expect.arrayContaining(["--collect.heartbeat.database=standby", "--collect.heartbeat.table=followers"]));
  expect(command(alone).join(" ")).not.toContain("heartbeat");
  const [watched, unwatched] = [source, alone].map((plan) => JSON.stringify(plan.file("t-prometheus", "alerts.yml")));
  expect(watched).toContain("StandbyUnknown");
  expect(unwatched).not.toContain("heartbeat");
});

test("neither host publishes a port for it", () => {
  for (const plan of [source, replica]) {
    const published = plan.all("docker_container").filter(({ ports }) => ports !== undefined);
    expect(published.map(({ name }) => name)).toEqual(plan === source ? ["t-traefik"] : []);
  }
});

test("both servers have different numbers, and global transaction identifiers", () => {
  const numbers = [source.file("t-bookstack-db", "my.cnf"), replica.file("t-standby-bookstack-db", "my.cnf")].map((text) => {
    expect(text).toMatch(/^gtid_mode=ON$/m);
    return /^server_id=(\d)$/m.exec(text)?.[1];
  });
  expect(numbers).toEqual(["1", "2"]);
});

test("the link accepts the pinned key of the source's host only", () => {
  expect(replica.file("t-standby-standby-link", "known_hosts")).toBe(`docker-host ${KEY}\n`);
  expect(replica.file("t-standby-standby-link", "standby-link.sh")).toContain("StrictHostKeyChecking=yes");
});

const HOSTS = { standby: { docker: { host: "ssh://deploy@203.0.113.11", hostKey: KEY } } };
const { hostKey: _, ...UNPINNED } = USUAL.docker;

test.each<[what: string, more: object, message: RegExp]>([
  ["a first host without a pinned key", { docker: UNPINNED }, /standby: needs docker\.host over ssh:\/\/ with docker\.hostKey/],
  [
    "a second host that is a socket",
    { standby: { docker: { host: "unix:///var/run/docker.sock", hostKey: KEY } } },
    /standby\.docker: needs host over ssh:\/\/ with hostKey/,
  ],
  ["the same host twice", { standby: { docker: USUAL.docker } }, /standby\.docker\.host: "ssh:\/\/deploy@203\.0\.113\.10" is already docker\.host/],
  [
    "a cluster",
    {
      cluster: {
        nodes: [
          { name: "a", roles: ["manager", "data"] },
          { name: "b", roles: ["wiki"] },
        ],
        storage: "/srv/wiki",
      },
    },
    /cluster: cannot be combined with standby/,
  ],
  ["a hardened host", { host: { ssh: { address: "203.0.113.10", hostKeys: [KEY] } } }, /host: cannot be combined with standby/],
  ["records at Cloudflare", { dns: { provider: "cloudflare", zone: "example.com", ipv4: "203.0.113.10" } }, /dns\.provider: cannot be combined with standby/],
  ["a state in a workspace", { state: { backend: "cloud", organization: "o", workspace: "w" } }, /state\.backend: cannot be combined with standby/],
  ["secrets that come as variables", { secrets: { variables: true } }, /secrets\.variables: cannot be combined with standby/],
  ["uploads in a directory", { wiki: { ...USUAL.wiki, uploads: { path: "/mnt/wiki" } } }, /wiki\.uploads: cannot be combined with standby/],
])("%s is refused, by its name", (_, more, message) => {
  expect(() => read(HOSTS)).not.toThrow();
  expect(() => read({ ...HOSTS, ...more })).toThrow(message);
});

test("without the key nothing of it is in the plan", () => {
  expect(planned(read({})).json).not.toMatch(/super_read_only|gtid_mode|standby-|StandbyLink/);
});
