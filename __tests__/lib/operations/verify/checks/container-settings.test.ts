import { check } from "../../../../../lib/operations/verify/checks/container-settings";
import type { Inspected } from "../../../../../lib/operations/verify/target";
import { asPlanned, findings, SERVICES, service } from "../target";

type Host = Inspected["HostConfig"];

/** A world in which the database is another than planned. */
const changed = (change: (found: Inspected) => Inspected) => ({
  inside: { inspect: async () => SERVICES.map(asPlanned).map((found) => (found.Name === "/local-bookstack-db" ? change(found) : found)) },
});
const host = (more: Partial<Host>) => changed((found) => ({ ...found, HostConfig: { ...found.HostConfig, ...more } }));

test("holds where each is as planned", async () => {
  expect(await findings(check)).toEqual([]);
});

test("a container that is not there is found", async () => {
  expect(await findings(check, { inside: { inspect: async () => SERVICES.slice(0, 2).map(asPlanned) } })).toEqual(["bookstack-db is not there"]);
});

test.each([
  ["user", changed((found) => ({ ...found, Config: { User: "" } })), "user is nothing, not 1000:1000"],
  ["a writable root", host({ ReadonlyRootfs: false }), "read-only root is false, not true"],
  ["all privileges", host({ Privileged: true }), "privileged is true, not false"],
  ["a capability", host({ CapAdd: ["NET_ADMIN"] }), "capabilities hold CAP_NET_ADMIN, which is not planned"],
  ["capabilities that were left", host({ CapDrop: null }), "dropped capabilities lack ALL"],
  ["new privileges", host({ SecurityOpt: [] }), "security options lack no-new-privileges=true"],
  ["no limit of memory", host({ Memory: 0 }), "memory is 0, not 256"],
  ["swap", host({ MemorySwap: -1 }), expect.stringMatching(/^memory and swap is -/)],
  ["more processors", host({ CpuQuota: 400_000 }), "processors is 4, not 1"],
  ["the processes of the host", host({ PidMode: "host" }), "process namespace is host, not nothing"],
  ["no restart", host({ RestartPolicy: { Name: "no" } }), "restart is no, not always"],
  ["a port", host({ PortBindings: { "3306/tcp": [{ HostIp: "0.0.0.0", HostPort: "3306" }] } }), "ports hold 0.0.0.0:3306 to 3306/tcp, which is not planned"],
  [
    "a network",
    changed((found) => ({ ...found, NetworkSettings: { Networks: { ...found.NetworkSettings.Networks, "local-proxy": { IPAddress: "10.0.0.9" } } } })),
    "networks hold local-proxy, which is not planned",
  ],
  [
    "a mount",
    changed((found) => ({ ...found, Mounts: [...found.Mounts, { Type: "bind", Source: "/", Destination: "/host", RW: true }] })),
    "mounts hold / at /host, which is not planned",
  ],
])("%s is found", async (_, world, difference) => {
  const found = await findings(check, world);
  expect(found.map((problem) => problem.replace("bookstack-db: ", ""))).toEqual([difference]);
});

test("a special network mode is compared as such", async () => {
  const [traefik] = SERVICES;
  if (traefik === undefined) throw new Error("no service");
  const services = [{ ...traefik, networks: [], attributes: { ...traefik.attributes, network_mode: "host" } }];
  const inspect = async () => services.map(asPlanned);
  expect(await findings(check, { subject: { services }, inside: { inspect } })).toEqual(["traefik: network mode is none, not host"]);
});

test("volumes of the plan are known by their names", async () => {
  const planned = service("bookstack", ["backend"], {
    mounts: [
      { type: "volume", source: "${docker_volume.Secrets.name}", target: "/run/secrets", read_only: true },
      { type: "volume", source: "local-files", target: "/files" },
      { type: "volume", source: "${docker_volume.Uploads.name}", target: "/uploads" },
    ],
  });
  const services = [{ ...planned, volumes: [{ name: "local-secrets-bookstack" }, { name: "local-uploads" }] }];
  const mount = (Name: string, Destination: string, RW: boolean) => ({ Type: "volume", Name, Destination, RW });
  const Mounts = [mount("local-secrets-bookstack", "/run/secrets", false), mount("local-files", "/files", true), mount("local-uploads", "/uploads", true)];
  const inspect = (mounts: Inspected["Mounts"]) => async () => services.map(asPlanned).map((found) => ({ ...found, Mounts: mounts }));
  expect(await findings(check, { subject: { services }, inside: { inspect: inspect(Mounts) } })).toEqual([]);
  const writable = Mounts.map((mount) => ({ ...mount, RW: true }));
  expect(await findings(check, { subject: { services }, inside: { inspect: inspect(writable) } })).toHaveLength(2);
});
