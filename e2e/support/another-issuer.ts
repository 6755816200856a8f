import { ACME_DIRECTORY, LetsEncrypt, RESOLVER } from "../../constructs/edge/traefik/lets-encrypt";

/**
 * Runs a command of the repository where Let's Encrypt is a program of a test: its address alone is another, and the authority that signed
 * for the issuer's API. The DNS challenge and its steps stay as configured in the environment.
 */
/** The Docker host on the network of the edge: there the issuer and the zone are. */
export const ADDRESS = "10.219.1.1";
export const PORTS = { issuer: 14_000, roots: 15_000, api: 8053, dns: 5353 };
/** CA of the issuer's API, for Traefik. */
export const DOOR_CA = `${ACME_DIRECTORY}/door.pem`;

const { renderResolver } = LetsEncrypt.prototype;
LetsEncrypt.prototype.renderResolver = function (this: LetsEncrypt) {
  const { [RESOLVER]: rendered } = renderResolver.call(this) as Record<string, { acme: object }>;
  return { [RESOLVER]: { acme: { ...rendered?.acme, caServer: `https://${ADDRESS}:${PORTS.issuer}/dir`, caCertificates: [DOOR_CA] } } };
};

if (require.main === module) require("../../lib/cli/main").start();
