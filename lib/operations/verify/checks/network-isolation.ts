import { type Check, type Finding, unknown } from "../check";
import { portsOf, reachedFrom } from "../probes";
import { type Inspected, nameIn, type Planned, type Target } from "../target";

export const check: Check = {
  name: "network-isolation",
  promise: "seen from inside each container: it reaches the networks that it shares with others and no other; only one network has a way out",
  async run(subject) {
    const inspected = await subject.inside.inspect(subject.services.map(({ name }) => name));
    const running = inspected.filter(({ State }) => State.Running).map(({ Name }) => Name.slice(1));
    const planned = subject.services.filter(({ networks }) => networks.length > 0);
    const bridged = planned.filter(({ name }) => running.includes(name));
    const ports = new Map<string, readonly number[]>();
    for (const { name } of bridged) ports.set(name, await portsOf(subject, name));
    if ([...ports.values()].flat().length === 0) throw new Error("no container listens on any port");
    const findings = [...(await waysOut(subject, planned)), ...stopped(subject, planned, bridged)];
    for (const service of bridged) {
      const others = bridged.filter((other) => other !== service).map((other) => addresses(service, other, inspected, ports));
      const targets = others.flatMap(({ foreign }) => foreign);
      const shared = others.flatMap(({ shared }) => shared);
      findings.push(...(await reached(subject, service, targets, shared)));
    }
    return findings;
  },
};

/** From these nothing can be seen. */
function stopped({ environment: { name } }: Target, planned: readonly Planned[], bridged: readonly Planned[]): Finding[] {
  const missing = planned.filter((service) => !bridged.includes(service));
  return missing.map(({ service }) => unknown(`${service} does not run, so it is not known what it reaches`, `npm run deploy -- ${name}, then verify again`));
}

interface Endpoint {
  readonly service: string;
  readonly at: string;
}

/** Where `other` listens on networks that the two share by the plan, and on those that they do not. */
function addresses(from: Planned, other: Planned, inspected: readonly Inspected[], ports: ReadonlyMap<string, readonly number[]>) {
  const networks = inspected.find(({ Name }) => Name === `/${other.name}`)?.NetworkSettings.Networks ?? {};
  const isShared = (network: string) => from.networks.includes(network) && other.networks.includes(network);
  const targets = (wanted: boolean): Endpoint[] =>
    Object.entries(networks)
      .filter(([network]) => isShared(network) === wanted)
      .flatMap(([, { IPAddress }]) => (ports.get(other.name) ?? []).map((port) => ({ service: other.service, at: `${IPAddress}:${port}` })));
  return { foreign: targets(false), shared: targets(true) };
}

/** Which of `targets` a service reaches; one that does not even reach what it shares a network with was not seen. */
async function reached(subject: Target, { name, service }: Planned, targets: readonly Endpoint[], shared: readonly Endpoint[]): Promise<Finding[]> {
  if (targets.length === 0) return [];
  const open = await reachedFrom(
    subject,
    name,
    [...targets, ...shared].map(({ at }) => at),
  );
  if (open.length === 0 && shared.length > 0) {
    return [
      unknown(`${service} reaches nothing on its own networks either, so it is not known what else it reaches`, `docker logs ${name}; then verify again`),
    ];
  }
  return targets
    .filter(({ at }) => open.includes(at))
    .map((target) => ({
      problem: `${service} reaches ${target.service} at ${target.at}, on a network that they do not share`,
      remedy: `find what joins them: docker inspect ${name}; docker network disconnect, then npm run deploy -- ${subject.environment.name}`,
    }));
}

/** Every network but that of the edge is internal. */
async function waysOut(subject: Target, services: readonly Planned[]): Promise<Finding[]> {
  const planned = [...new Set(services.flatMap(({ networks }) => networks))].filter((network) => network !== nameIn(subject, "proxy"));
  const internal = await subject.inside.internalNetworks();
  return planned
    .filter((network) => !internal.includes(network))
    .map((network) => ({ problem: `${network} has a way out`, remedy: `docker network inspect ${network}; npm run deploy -- ${subject.environment.name}` }));
}
