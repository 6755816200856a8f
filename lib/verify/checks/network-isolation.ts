import type { Check, Finding } from "../check";
import { type Listeners, listenersOf, reachedFrom } from "../probes";
import { containerName, type Planned, type Subject } from "../subject";

export const check: Check = {
  name: "network-isolation",
  promise: "seen from inside each container: it reaches its own networks and no other, and only those on a network with a way out have one",
  async run(subject) {
    const inspected = await subject.inside.inspect(subject.services.map(({ name }) => name));
    // who does not run reaches nobody, and is found by another check
    const running = inspected.filter(({ State }) => State.Running).map(({ Name }) => Name.slice(1));
    const bridged = subject.services.filter(({ name, networks }) => networks.length > 0 && running.includes(name));
    const listeners = new Map<string, Listeners>();
    for (const { name } of bridged) listeners.set(name, await listenersOf(subject, name));
    const findings: Finding[] = [];
    for (const service of bridged) {
      const foreign = bridged.filter((other) => !other.networks.some((network) => service.networks.includes(network)));
      const targets = foreign.flatMap((other) => targetsOf(other, inspected, listeners));
      findings.push(...routes(subject, service, listeners), ...(await reached(subject, service, targets)));
    }
    return findings;
  },
};

interface Target {
  readonly service: string;
  readonly at: string;
}

/** Every address of a container with every port that it listens on. */
function targetsOf(
  { name, service }: Planned,
  inspected: Awaited<ReturnType<Subject["inside"]["inspect"]>>,
  listeners: ReadonlyMap<string, Listeners>,
): Target[] {
  const networks = inspected.find(({ Name }) => Name === `/${name}`)?.NetworkSettings.Networks ?? {};
  const addresses = Object.values(networks).map(({ IPAddress }) => IPAddress);
  return addresses.flatMap((address) => (listeners.get(name)?.ports ?? []).map((port) => ({ service, at: `${address}:${port}` })));
}

async function reached(subject: Subject, { name, service }: Planned, targets: readonly Target[]): Promise<Finding[]> {
  if (targets.length === 0) return [];
  const open = await reachedFrom(
    subject,
    name,
    targets.map(({ at }) => at),
  );
  return targets
    .filter(({ at }) => open.includes(at))
    .map((target) => ({
      problem: `${service} reaches ${target.service} at ${target.at}, and shares no network with it`,
      remedy: `take it off the network that joins them: docker network disconnect, then npm run deploy -- ${subject.environment.name}`,
    }));
}

/** A container on internal networks alone has no way out. */
function routes(subject: Subject, { name, service, networks }: Planned, listeners: ReadonlyMap<string, Listeners>): Finding[] {
  const routable = networks.includes(containerName(subject, "proxy"));
  if (routable || listeners.get(name)?.hasWayOut !== true) return [];
  return [{ problem: `${service} has a way out, and is planned on internal networks alone`, remedy: `see its networks: docker inspect ${name}` }];
}
