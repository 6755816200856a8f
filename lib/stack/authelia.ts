import type { Construct } from "constructs";
import { Authelia } from "../../constructs/edge/authelia/authelia";
import type { StackContext } from "./context";
import { limits } from "./limits";
import { mailAccount } from "./outbound";
import { POSITIONS } from "./positions";

/** The login portal. */
export function makeAuthelia(scope: Construct, context: StackContext): Authelia {
  const { environment, namespace, volumes, secrets, images, networks, operator, authority, urls } = context;
  const { breakGlass: _, ...rules } = environment.signOn;
  return new Authelia(scope, "Authelia", {
    namespace,
    volumes,
    secrets,
    image: images.authelia,
    phpImage: images.bookstack,
    networks: [{ network: networks.proxy }, { network: networks.backend }],
    domain: environment.domain,
    url: urls.portal,
    homeUrl: urls.bookstack,
    issuerEndpoint: { address: networks.backend.subnet.address(POSITIONS.traefik), ca: authority },
    people: environment.users,
    rules,
    mail: mailAccount(environment),
    operator,
    limits: limits(environment.authelia),
  });
}
