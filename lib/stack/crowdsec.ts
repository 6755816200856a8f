import type { Construct } from "constructs";
import { CrowdSec, type CrowdSecProps } from "../../constructs/edge/crowdsec/crowdsec";
import { SecretText } from "../../constructs/secrets/secret";
import { containerSubnets } from "./addresses";
import type { StackContext } from "./context";
import { limits } from "./limits";
import { POSITIONS } from "./positions";

/** The intrusion detection, which reads `logs`. */
export function makeCrowdSec(scope: Construct, context: StackContext, { logs }: Pick<CrowdSecProps, "logs">): CrowdSec {
  const { environment, namespace, volumes, secrets, images, networks, host } = context;
  const { crowdsec, access } = environment;
  return new CrowdSec(scope, "CrowdSec", {
    namespace,
    volumes,
    secrets,
    image: images.crowdsec,
    // fixed where the host has to find it
    networks: [{ network: networks.proxy }, { network: networks.backend, position: host && POSITIONS.crowdsec }],
    logs,
    hostLog: crowdsec.hostLog === undefined ? undefined : { path: crowdsec.hostLog },
    rateLimit: environment.traefik.rateLimit,
    trusted: [...containerSubnets(environment), ...(access.trusted ?? [])],
    appsec: crowdsec.appsec,
    enrollKey: crowdsec.community ? SecretText.provided("crowdsec_enroll_key") : undefined,
    limits: limits(crowdsec),
  });
}
