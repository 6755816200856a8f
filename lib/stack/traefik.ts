import type { Construct } from "constructs";
import type { RateLimits } from "../../constructs/edge/traefik/rate-limit";
import { Traefik } from "../../constructs/edge/traefik/traefik";
import type { Environment } from "../environment/schema";
import type { StackContext } from "./context";
import { limits } from "./limits";
import { POSITIONS } from "./positions";

/** The reverse proxy. */
export function makeTraefik(scope: Construct, { environment, namespace, volumes, secrets, images, networks, issuer, proxies }: StackContext): Traefik {
  return new Traefik(scope, "Traefik", {
    namespace,
    volumes,
    secrets,
    image: images.traefik,
    networks: [networks.proxy, networks.backend].map((network) => ({ network, position: POSITIONS.traefik })),
    published: environment.ports,
    issuer,
    hstsPreload: environment.tls.hstsPreload,
    proxies,
    rateLimits: rateLimits(environment),
    limits: limits(environment.traefik),
  });
}

function rateLimits({ traefik: { rateLimit }, access }: Environment): RateLimits {
  const { perMinute, burst, signedIn, api, trusted } = rateLimit;
  return { client: { perMinute, burst }, signedIn, api, trusted: trusted && { ...trusted, networks: access.trusted ?? [] } };
}
