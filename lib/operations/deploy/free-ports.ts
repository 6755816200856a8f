import { createSocket } from "node:dgram";
import { createServer, isIPv6 } from "node:net";
import { LABEL } from "../../../constructs/docker/labels";
import type { Docker } from "../../clients/docker/docker";
import { ENVIRONMENTS } from "../../environment/load";
import type { Environment } from "../../environment/schema";
import { containerName } from "../../stack/names";
import { OperatorError } from "../../system/operator-error";

/**
 * Checks that the published ports are free, if this machine is the Docker host.
 *
 * @throws OperatorError that names the ports which are taken.
 */
export async function requireFreePorts({ name, docker: { host }, ports }: Environment, docker: Docker): Promise<void> {
  const local = host.startsWith("unix://");
  const deployed = local && docker.labelled("container", `${LABEL.namespace}=${name}`).includes(containerName(name, "traefik"));
  if (!local || deployed) return;
  for (const address of [ports.address, ...(ports.ipv6 === undefined ? [] : [ports.ipv6])]) {
    const busy = await takenAt(address, [ports.http, ports.https]);
    if (busy.length === 0) continue;
    throw new OperatorError(
      `port ${busy.join(" and ")} of ${address} ${busy.length > 1 ? "are" : "is"} taken by another program`,
      `stop that program, let it forward to the wiki (docs/addresses.md), or choose other ports in ${ENVIRONMENTS}/${name}.yaml, for example\nports: { http: 8081, https: 8443 }`,
    );
  }
}

/** Those of the TCP ports that are taken, and the last one by UDP. */
async function takenAt(address: string, ports: readonly number[]): Promise<string[]> {
  const last = ports.at(-1) ?? 0;
  const tcp = ports.map(async (port) => ((await isTaken(port, address)) ? [`${port}`] : []));
  const udp = isTakenByUdp(last, address).then((taken) => (taken ? [`${last} (udp)`] : []));
  return (await Promise.all([...tcp, udp])).flat();
}

/** A port that cannot be tested, without permission, counts as free: the engine reports it. */
function isTaken(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "EADDRINUSE"));
    server.listen({ port, host, ipv6Only: true }, () => server.close(() => resolve(false)));
  });
}

function isTakenByUdp(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: isIPv6(address) ? "udp6" : "udp4", ipv6Only: isIPv6(address) });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => socket.close(() => resolve(code === "EADDRINUSE")));
    socket.bind(port, address, () => socket.close(() => resolve(false)));
  });
}
