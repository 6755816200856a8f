import type { Check, Finding } from "../check";
import { portsOf, reachedFrom } from "../probes";
import { containerName, type Inspected, type Planned, type Subject } from "../subject";

export const check: Check = {
  name: "network-isolation",
  promise: "seen from inside each container: it reaches the networks that it shares with others and no other; only one network has a way out",
  async run(subject) {
    const inspected = await subject.inside.inspect(subject.services.map(({ name }) => name));
    // who does not run reaches nobody, and is found by another check
    const running = inspected.filter(({ State }) => State.Running).map(({ Name }) => Name.slice(1));
    const bridged = subject.services.filter(({ name, networks }) => networks.length > 0 && running.includes(name));
    const ports = new Map<string, readonly number[]>();
    for (const { name } of bridged) ports.set(name, await portsOf(subject, name));
    const findings = await waysOut(subject, bridged);
    for (const service of bridged) {
      const targets = bridged.filter((other) => other !== service).flatMap((other) => foreignAddresses(service, other, inspected, ports));
      findings.push(...(await reached(subject, service, targets)));
    }
    return findings;
  },
};

interface Target {
  readonly service: string;
  readonly at: string;
}

/** Where `other` listens on networks that the two do not share by the plan. */
function foreignAddresses(from: Planned, other: Planned, inspected: readonly Inspected[], ports: ReadonlyMap<string, readonly number[]>): Target[] {
  const networks = inspected.find(({ Name }) => Name === `/${other.name}`)?.NetworkSettings.Networks ?? {};
  const foreign = Object.entries(networks).filter(([network]) => !(from.networks.includes(network) && other.networks.includes(network)));
  return foreign.flatMap(([, { IPAddress }]) => (ports.get(other.name) ?? []).map((port) => ({ service: other.service, at: `${IPAddress}:${port}` })));
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
      problem: `${service} reaches ${target.service} at ${target.at}, on a network that they do not share`,
      remedy: `find what joins them: docker inspect ${name}; docker network disconnect, then npm run deploy -- ${subject.environment.name}`,
    }));
}

/** Every network but that of the edge is internal. */
async function waysOut(subject: Subject, services: readonly Planned[]): Promise<Finding[]> {
  const planned = [...new Set(services.flatMap(({ networks }) => networks))].filter((network) => network !== containerName(subject, "proxy"));
  const internal = await subject.inside.internalNetworks();
  return planned
    .filter((network) => !internal.includes(network))
    .map((network) => ({ problem: `${network} has a way out`, remedy: `docker network inspect ${network}; npm run deploy -- ${subject.environment.name}` }));
}
