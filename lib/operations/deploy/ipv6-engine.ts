import type { Docker } from "../../clients/docker/docker";
import { ENVIRONMENTS } from "../../environment/load";
import type { Environment } from "../../environment/schema";
import { OperatorError } from "../../system/operator-error";

/** Version of Docker Engine since which it keeps the addresses of IPv6 clients by default. */
const DEFAULT_SINCE = 27;

/**
 * Makes sure that the edge sees the address of a client that comes by IPv6, as far as the engine says how it was started; `npm run verify`
 * looks at what arrives.
 *
 * @throws OperatorError that names the settings of the Docker daemon.
 */
export function requireIpv6({ name, ports }: Environment, docker: Pick<Docker, "output">): void {
  // on loopback all clients are programs of the host itself
  if (ports.ipv6 === undefined || ports.ipv6 === "::1") return;
  const [version = "", experimental] = docker.output(["info", "--format", "{{.ServerVersion}} {{.ExperimentalBuild}}"]).trim().split(" ");
  if (experimental === "true" || Number.parseInt(version, 10) >= DEFAULT_SINCE) return;
  throw new OperatorError(
    `the Docker engine (${version}) hides the address of every client that comes by IPv6, so one ban would block all of them`,
    `put "experimental": true and "ip6tables": true into /etc/docker/daemon.json on the Docker host and restart Docker, or take ipv6 out of ports in ${ENVIRONMENTS}/${name}.yaml`,
  );
}
