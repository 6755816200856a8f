import type { Containers } from "./containers";
import type { SmallDisk } from "./disk";
import type { Fault } from "./fault";

/** Parts that people notice; each is broken alone. */
export const SERVING = ["traefik", "authelia", "crowdsec", "bookstack", "bookstack-db", "egress"] as const;
/** Parts without dependents, broken together: that takes a fraction of the time, and none depends on another to come back. */
export const WATCHING = ["backup", "prometheus", "alertmanager", "grafana", "node-exporter", "mysqld-exporter", "container-metrics", "certificates"] as const;
/** Of these, those with a network of their own. */
const CONNECTED = ["backup", "prometheus", "alertmanager", "mysqld-exporter"] as const;

const PAUSE_SECONDS = 30;
const OUTAGE_SECONDS = 20;

/** What can happen to each container, the most frequent first. */
export function containerFaults(containers: Containers): Fault[] {
  const groups: readonly (readonly string[])[] = [...SERVING.map((part) => [part]), WATCHING];
  return [killed, paused, exhausted, unplugged, stopped].flatMap((kind) => groups.map((parts) => kind(containers, parts)));
}

const each = async (parts: readonly string[], action: (part: string) => Promise<unknown>) => void (await Promise.all(parts.map(action)));

function killed(containers: Containers, parts: readonly string[]): Fault {
  return { part: parts.join(", "), what: "killed (-9)", strike: () => each(parts, (part) => containers.kill(part)) };
}

function stopped(containers: Containers, parts: readonly string[]): Fault {
  return {
    part: parts.join(", "),
    what: "stopped by an operator",
    strike: () => each(parts, (part) => containers.docker("stop", part)),
    seconds: OUTAGE_SECONDS,
    repair: () => each(parts, (part) => containers.docker("start", part)),
    byHand: true,
    note: `Stopped for ${OUTAGE_SECONDS} s, then started by hand: what an operator stops stays stopped until the engine or the host is restarted.`,
  };
}

/** Why nobody can be answered in time while a part hangs. */
const HANGS: Readonly<Record<string, string>> = {
  traefik: "While the reverse proxy itself hangs, nothing can answer: a request waits as long as the browser does.",
  authelia: "The reverse proxy waits 30 s for the portal, then answers 500; Traefik has no setting for that time.",
  bookstack:
    "The reverse proxy waits for the wiki as long as the longest request that it allows (an export, an import) may take: a shorter time for all would end those.",
};

function paused(containers: Containers, parts: readonly string[]): Fault {
  const note = HANGS[parts.join()];
  return {
    ...(note === undefined ? {} : { note }),
    part: parts.join(", "),
    what: `hangs for ${PAUSE_SECONDS} s`,
    strike: () => each(parts, (part) => containers.docker("pause", part)),
    seconds: PAUSE_SECONDS,
    repair: () => each(parts, (part) => containers.docker("unpause", part)),
  };
}

function exhausted(containers: Containers, parts: readonly string[]): Fault {
  return {
    part: parts.join(", "),
    what: "out of memory",
    strike: () => each(parts, (part) => containers.exhaustMemory(part)),
    note: "Its memory is filled up to its limit, and the kernel ends the largest process of the service.",
  };
}

function unplugged(containers: Containers, all: readonly string[]): Fault {
  const parts = all.length === 1 ? all : CONNECTED;
  let plug: (() => Promise<void>)[] = [];
  return {
    part: parts.join(", "),
    what: `network gone for ${OUTAGE_SECONDS} s`,
    strike: async () => {
      plug = await Promise.all(parts.map((part) => containers.unplug(part)));
    },
    seconds: OUTAGE_SECONDS,
    repair: async () => void (await Promise.all(plug.map((again) => again()))),
  };
}

/** A disk that is full, and has space again. */
export function diskFault(part: string, disk: SmallDisk): Fault {
  return {
    part,
    what: `volume ${disk.name} full for ${OUTAGE_SECONDS} s`,
    strike: () => disk.fill(),
    seconds: OUTAGE_SECONDS,
    repair: () => disk.empty(),
    note: "The volume lies on a small disk of its own, which is filled to the last byte.",
  };
}
