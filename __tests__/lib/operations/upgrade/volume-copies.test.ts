import type { Docker } from "../../../../lib/clients/docker/docker";
import type { ImageChange } from "../../../../lib/operations/upgrade/images";
import { convertedVolumes, VolumeCopies } from "../../../../lib/operations/upgrade/volume-copies";

const VOLUMES = [
  { container: "local-bookstack-db", volume: "local-database" },
  { container: "local-authelia", volume: "local-authelia" },
];

interface Scene {
  /** What the engine has free, in KiB. */
  readonly free?: number;
  /** Volume whose copy fails. */
  readonly full?: string;
  /** Whether a killed upgrade has left a container that copies. */
  readonly left?: boolean;
}

/** Copies with a fake Docker; its calls in order, the args of a container by what it copies. */
function play({ free = 1_000_000, full, left = false }: Scene = {}) {
  const calls: string[] = [];
  const stopped = new Set<string>();
  const note = (container: string, verb: string | undefined) => {
    if (verb === "stop") stopped.add(container);
    if (verb === "start") stopped.delete(container);
  };
  const sources = (args: readonly string[]) => args.filter((arg) => arg.startsWith("--mount")).map((arg) => /source=([^,]+)/.exec(arg)?.[1]);
  const call = (args: readonly string[]): string => {
    const [from, to] = sources(args);
    note(args.at(-1) ?? "", args[0]);
    if (args[0] !== "run") calls.push(args.filter((arg) => !arg.startsWith("--label")).join(" "));
    else if (to !== undefined) calls.push(`copy ${from} → ${to}`);
    if (full !== undefined && to === `${full}-before-upgrade`) throw new Error("No space left on device");
    return to === undefined && args[0] === "run" ? `1000\n${free}\n` : "";
  };
  const docker = {
    inspect: (name: string) =>
      name.endsWith("-upgrade-copy") && !left ? undefined : { State: { Running: !stopped.has(name), Health: { Status: "healthy" } } },
    names: (kind: string, filter: readonly string[] = []) =>
      kind === "volume"
        ? ["local-database-before-upgrade"]
        : filter.includes("volume=local-database")
          ? ["local-bookstack-db"]
          : ["local-authelia", "local-backup"],
    output: call,
    patiently: call,
  };
  return { calls, copies: new VolumeCopies(docker as unknown as Docker, "local", "sha256:1", VOLUMES) };
}

test("volumes are copied while their services are stopped, and the database runs again", async () => {
  const { calls, copies } = play();
  await copies.take();
  expect(calls).toEqual([
    "update --restart=no local-bookstack-db",
    "stop local-bookstack-db",
    "update --restart=no local-authelia",
    "stop local-authelia",
    "volume create local-database-before-upgrade",
    "copy local-database → local-database-before-upgrade",
    "volume create local-authelia-before-upgrade",
    "copy local-authelia → local-authelia-before-upgrade",
    "update --restart=always local-bookstack-db",
    "start local-bookstack-db",
  ]);
});

test("a disk that is full while volumes are copied ends it, every service runs again, and no part of a copy takes space", async () => {
  const { calls, copies } = play({ full: "local-authelia" });
  await expect(copies.take()).rejects.toThrow("local-authelia could not be copied to local-authelia-before-upgrade; the cause is above");
  expect(calls.slice(-5)).toEqual([
    "volume rm local-database-before-upgrade",
    "update --restart=always local-bookstack-db",
    "start local-bookstack-db",
    "update --restart=always local-authelia",
    "start local-authelia",
  ]);
});

test("what a killed upgrade still copies is ended before a service starts: its copy would be mixed with the next one", async () => {
  const { calls, copies } = play({ left: true });
  await copies.startStopped();
  expect(calls).toEqual(["rm --force --volumes local-upgrade-copy"]);
});

test("too little space is found before anything is stopped", () => {
  const { calls, copies } = play({ free: 2500 });
  expect(() => copies.requireSpace(0)).not.toThrow();
  expect(() => copies.requireSpace(1_000_000)).toThrow(
    "the Docker host has 3 MiB free, and the upgrade copies local-database, local-authelia and needs 4 MiB; nothing was changed\n  → free or add disk space, then upgrade again",
  );
  expect(calls).toEqual([]);
});

test("nothing that still uses a volume is left when the copy takes its place", () => {
  const { calls, copies } = play();
  copies.back();
  expect(calls).toEqual([
    "stop --time=120 local-bookstack-db",
    "rm --force --volumes local-bookstack-db",
    "copy local-database-before-upgrade → local-database",
    "stop --time=120 local-authelia",
    "rm --force --volumes local-authelia",
    "stop --time=120 local-backup",
    "rm --force --volumes local-backup",
    "copy local-authelia-before-upgrade → local-authelia",
  ]);
});

test("copies are removed as far as they are there", () => {
  const { calls, copies } = play();
  copies.remove();
  expect(calls).toEqual(["volume rm local-database-before-upgrade"]);
});

test("the database is copied when migrations run or its image changes, other data when their image changes", () => {
  const change = (service: string) => ({ service }) as ImageChange;
  const names = (services: readonly string[], migrations: readonly string[]) =>
    convertedVolumes("local", services.map(change), migrations).map(({ volume }) => volume);
  expect(names(["bookstack"], [])).toEqual([]);
  expect(names(["bookstack"], ["2026_01_01_000000_a"])).toEqual(["local-database"]);
  expect(names(["bookstack-db", "grafana", "traefik"], [])).toEqual(["local-database", "local-grafana"]);
});
