import { plannedContainers } from "../../../constructs/policy";
import { Docker } from "../../clients/docker/docker";
import type { Environment } from "../../environment/schema";
import type { WikiStack } from "../../stack/wiki-stack";
import { authorityOf } from "../verify/authority";
import { PublicProbe } from "../verify/public-probe";
import { type Fact, fact } from "./fact";
import type { Address, Facts } from "./facts";
import { containerFacts, containerIds, engineFacts, publishedPorts, volumeFacts } from "./facts/engine";
import { hostFacts } from "./facts/host";
import { imageFacts } from "./facts/images";
import { lastSet } from "./facts/last-set";
import { stateFacts } from "./facts/state";

/** Looks at everything once; what cannot be seen is a fact that is unknown. Changes nothing. */
export async function gather(environment: Environment, stack: WikiStack): Promise<Facts> {
  const docker = new Docker(environment.docker);
  const { name } = environment;
  const engine = await fact(() => engineFacts(docker));
  // without an engine every question would wait for the same answer
  const ask = <T>(look: () => Promise<T> | T): Promise<Fact<T>> => ("unknown" in engine ? Promise.resolve(engine) : fact(look));
  const planned = plannedContainers(stack);
  const containers = await ask(() => containerFacts(docker, name));
  const deployed = "value" in containers && Object.keys(containers.value).length > 0;
  return {
    environment,
    now: new Date(),
    engine,
    host: await fact(() => hostFacts(environment, "value" in engine ? engine.value.DockerRootDir : "/var/lib/docker")),
    containers,
    services: planned.filter(({ kind }) => kind === "service").map((service) => service.name),
    volumes: await ask(() => volumeFacts(docker, name)),
    published: await ask(() => publishedPorts(docker)),
    state: await fact(() => stateFacts(environment)),
    ids: await ask(() => containerIds(docker, name)),
    addresses: await addressesOf(environment, stack, deployed),
    images: await ask(() =>
      imageFacts(
        docker,
        environment,
        planned.map(({ image }) => image ?? ""),
      ),
    ),
    lastSet: deployed ? await ask(() => lastSet(docker, name)) : { value: undefined },
  };
}

function addressesOf(environment: Environment, { urls }: WikiStack, deployed: boolean): Promise<Address[]> {
  return Promise.all(
    Object.values(urls).map(async (url) => {
      const { hostname } = new URL(url);
      const probe = new PublicProbe({ environment, host: hostname, authority: authorityOf(environment) });
      const local = hostname.endsWith(".localhost");
      return {
        name: hostname,
        addresses: await fact(async () => (local ? [] : [...(await probe.resolve(hostname, 4)), ...(await probe.resolve(hostname, 6))])),
        certificate: await fact(async () => (deployed ? ((await probe.shakeHands(url, "TLSv1.3")) ?? (await probe.shakeHands(url, "TLSv1.2"))) : undefined)),
      };
    }),
  );
}
