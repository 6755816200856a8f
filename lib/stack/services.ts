import type { Construct } from "constructs";
import { MySql } from "../../constructs/database/mysql";
import { Authelia } from "../../constructs/edge/authelia/authelia";
import { CrowdSec, type CrowdSecProps } from "../../constructs/edge/crowdsec/crowdsec";
import type { RateLimits } from "../../constructs/edge/traefik/rate-limit";
import { Traefik } from "../../constructs/edge/traefik/traefik";
import { SecretText } from "../../constructs/secrets/secret";
import { BookStack } from "../../constructs/wiki/bookstack";
import { usualPhpMemory } from "../../constructs/wiki/wiki-sizes";
import type { Environment } from "../environment/schema";
import { containerSubnets } from "./addresses";
import type { StackContext } from "./context";
import { limits } from "./limits";
import { BOOKSTACK_POSITION, mailAccount, makeOutbound } from "./outbound";

/** Positions of services with a fixed address, within their network. */
const TRAEFIK_POSITION = 10;
export const CROWDSEC_POSITION = 11;

/** The database of the wiki. */
export function makeMySql(scope: Construct, { environment: { database }, namespace, volumes, secrets, images, networks }: StackContext): MySql {
  return new MySql(scope, "MySql", {
    namespace,
    volumes,
    secrets,
    image: images.mysql,
    network: networks.database,
    bufferPool: database.bufferPool,
    slowQuery: database.slowQuery,
    limits: limits(database),
  });
}

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
    issuerEndpoint: { address: networks.backend.subnet.address(TRAEFIK_POSITION), ca: authority },
    people: environment.users,
    rules,
    mail: mailAccount(environment),
    operator,
    limits: limits(environment.authelia),
  });
}

/** The wiki itself. */
export function makeBookStack(scope: Construct, context: StackContext, mysql: MySql, signOn: Authelia): BookStack {
  const { environment, namespace, volumes, secrets, images, networks, operator, urls, proxies } = context;
  const { wiki } = environment;
  const { uploadLimit, timeLimit, memory, phpMemory = usualPhpMemory(memory) } = wiki;
  const outbound = makeOutbound(scope, context);
  return new BookStack(scope, "BookStack", {
    namespace,
    volumes,
    secrets,
    image: images.bookstack,
    backend: networks.backend,
    outbound,
    // fixed where the egress serves this address alone
    position: outbound.hosts && BOOKSTACK_POSITION,
    database: networks.database,
    mysql,
    signOn,
    users: signOn.users,
    breakGlass: environment.signOn.breakGlass,
    operator,
    url: urls.bookstack,
    proxies: [`${networks.backend.subnet}`, ...proxies],
    administrator: wiki.admin,
    sizes: { uploadLimit, timeLimit, memory, phpMemory },
    timezone: environment.timezone,
    language: wiki.language,
    options: wiki.options,
    limits: limits(wiki),
  });
}

/** The reverse proxy. */
export function makeTraefik(scope: Construct, { environment, namespace, volumes, secrets, images, networks, issuer, proxies }: StackContext): Traefik {
  return new Traefik(scope, "Traefik", {
    namespace,
    volumes,
    secrets,
    image: images.traefik,
    networks: [networks.proxy, networks.backend].map((network) => ({ network, position: TRAEFIK_POSITION })),
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

/** The intrusion detection, which reads `logs`. */
export function makeCrowdSec(scope: Construct, context: StackContext, logs: CrowdSecProps["logs"]): CrowdSec {
  const { environment, namespace, volumes, secrets, images, networks, host } = context;
  const { crowdsec, access } = environment;
  return new CrowdSec(scope, "CrowdSec", {
    namespace,
    volumes,
    secrets,
    image: images.crowdsec,
    // fixed where the host has to find it
    networks: [{ network: networks.proxy }, { network: networks.backend, position: host && CROWDSEC_POSITION }],
    logs,
    hostLog: crowdsec.hostLog === undefined ? undefined : { path: crowdsec.hostLog },
    rateLimit: environment.traefik.rateLimit,
    trusted: [...containerSubnets(environment), ...(access.trusted ?? [])],
    appsec: crowdsec.appsec,
    enrollKey: crowdsec.community ? SecretText.provided("crowdsec_enroll_key") : undefined,
    limits: limits(crowdsec),
  });
}
