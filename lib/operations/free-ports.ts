import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { LABEL } from "../../constructs/docker/labels";
import type { Docker } from "../docker/docker";
import { ENVIRONMENTS } from "../environment/load";
import type { Environment } from "../environment/schema";
import { OperatorError } from "../operator-error";

/**
 * Makes sure that nobody else listens where the edge will, as far as this machine is the Docker host.
 *
 * @throws OperatorError that names the ports which are taken.
 */
export async function requireFreePorts({ name, docker: { host }, ports }: Environment, docker: Docker): Promise<void> {
  const local = host.startsWith("unix://");
  const deployed = local && docker.labelled("container", `${LABEL.namespace}=${name}`).includes(`${name}-traefik`);
  if (!local || deployed) return;
  const wanted = [ports.http, ports.https];
  const taken = await Promise.all([...wanted.map((port) => isTaken(port, ports.address)), isTakenByUdp(ports.https, ports.address)]);
  const busy = [...wanted, `${ports.https} (udp)`].filter((_, index) => taken[index]);
  if (busy.length > 0) {
    throw new OperatorError(
      `port ${busy.join(" and ")} of ${ports.address} ${busy.length > 1 ? "are" : "is"} taken by another program`,
      `end that program, or choose other ports in ${ENVIRONMENTS}/${name}.yaml, for example\nports: { http: 8081, https: 8443 }`,
    );
  }
}

/** A port that cannot be tried, for want of rights, counts as free: the engine will say more. */
function isTaken(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "EADDRINUSE"));
    server.listen(port, address, () => server.close(() => resolve(false)));
  });
}

function isTakenByUdp(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", ({ code }: NodeJS.ErrnoException) => socket.close(() => resolve(code === "EADDRINUSE")));
    socket.bind(port, address, () => socket.close(() => resolve(false)));
  });
}
