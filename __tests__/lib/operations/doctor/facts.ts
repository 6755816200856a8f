import type { Engine, Facts } from "../../../../lib/operations/doctor/facts";
import { localEnvironment } from "../../../support/example";

export const NOW = new Date("2026-06-01T12:00:00Z");
const SERVICES = ["local-traefik", "local-bookstack", "local-bookstack-db", "local-backup"];
const RUNS = { kind: "service", running: true, health: "healthy", exitCode: 0, oomKilled: false };

export const ENGINE: Engine = {
  ServerVersion: "28.2.2",
  Driver: "overlay2",
  DriverStatus: [["Supports d_type", "true"]],
  SecurityOptions: ["name=apparmor"],
  Architecture: "x86_64",
  MemTotal: 8 * 2 ** 30,
  NCPU: 2,
  DockerRootDir: "/var/lib/docker",
  Warnings: null,
};

export const HOST: Readonly<Record<string, string>> = {
  time: `${NOW.getTime() / 1000}`,
  machine: "x86_64",
  synchronized: "yes",
  available_kib: `${4 * 2 ** 20}`,
  cpu_flags: "fpu cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3",
  free_kib: `${50 * 2 ** 20}`,
  free_inodes: "1000000",
  root_mount: "shared",
  apparmor: "Y",
  apparmor_parser: "/sbin/apparmor_parser",
  listens: '0.0.0.0:22 users:(("sshd",pid=1,fd=3))',
  listeners: "known",
  mail: "answers",
};

/** A wiki that works, in an environment with mail and public names. */
export function healthy(): Facts {
  const local = localEnvironment();
  const environment = {
    ...local,
    domain: "wiki.example.com",
    dns: { ...local.dns, ipv4: "203.0.113.10" },
    mail: { host: "smtp.example.com", port: 587 } as Facts["environment"]["mail"],
  };
  const { https, http } = environment.ports;
  return {
    environment,
    now: NOW,
    engine: { value: ENGINE },
    host: { value: HOST },
    containers: { value: Object.fromEntries(SERVICES.map((name) => [name, RUNS])) },
    services: SERVICES,
    volumes: { value: ["local-secrets", "local-database"] },
    published: { value: [http, https].map((port) => ({ address: "0.0.0.0", port, container: "local-traefik" })) },
    state: { value: ["a", "b", "c"] },
    ids: { value: ["a", "b"] },
    addresses: [
      {
        name: "bookstack.wiki.example.com",
        addresses: { value: ["203.0.113.10"] },
        certificate: { value: { distrusted: undefined, validTo: new Date("2026-09-01T00:00:00Z") } },
      },
    ],
    images: { value: {} },
    lastSet: { value: "" },
  };
}

/** The same machine before the first deploy. */
export function empty(): Facts {
  return {
    ...healthy(),
    containers: { value: {} },
    volumes: { value: [] },
    published: { value: [] },
    state: { value: undefined },
    ids: { value: [] },
    lastSet: { value: undefined },
  };
}

/** One container of the wiki changed, or removed. */
export function container(name: string, change: Partial<typeof RUNS> | undefined): Partial<Facts> {
  const { [name]: old, ...others } = Object.fromEntries(SERVICES.map((each) => [each, RUNS]));
  return { containers: { value: change === undefined ? others : { ...others, [name]: { ...RUNS, ...old, ...change } } } };
}

/** What the host probe prints, changed; a key that is undefined was not printed. */
export function host(change: Readonly<Record<string, string | undefined>>): Partial<Facts> {
  return { host: { value: Object.fromEntries(Object.entries({ ...HOST, ...change }).filter((entry): entry is [string, string] => entry[1] !== undefined)) } };
}

export function engine(change: Partial<Engine>): Partial<Facts> {
  return { engine: { value: { ...ENGINE, ...change } } };
}

/** What the name of the wiki shows, changed. */
export function address(change: Partial<Facts["addresses"][number]>): Partial<Facts> {
  return { addresses: healthy().addresses.map((each) => ({ ...each, ...change })) };
}

export function certificate(distrusted: string | undefined, until = "2026-09-01T00:00:00Z"): Partial<Facts> {
  return address({ certificate: { value: { distrusted, validTo: new Date(until) } } });
}
