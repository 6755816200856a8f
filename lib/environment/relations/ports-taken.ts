import { z } from "zod";
import { PORT as GRAFANA_PORT } from "../../../constructs/monitoring/grafana-config";
import { PORT as NODE_EXPORTER_PORT } from "../../../constructs/monitoring/node-exporter";
import { remoteDocker } from "../host-url";

/** Ports that parts of the monitoring listen on at the host's own address on the internal network: Grafana and the exporter of the host. */
const MONITORING_PORTS: readonly number[] = [GRAFANA_PORT, NODE_EXPORTER_PORT];
const SSH_PORT = 22;

/** As much as has to be read before ports can be compared. */
const READ = z.object({
  ports: z.object({ address: z.string(), http: z.int(), https: z.int() }),
  docker: z.object({ host: z.string() }),
  host: z.object({ ssh: z.object({ port: z.int() }).optional() }).optional(),
  monitoring: z.object({ enabled: z.boolean() }),
});

export function arePortsRead({ value }: { readonly value: unknown }): boolean {
  return READ.safeParse(value).success;
}

/** Refuses ports of the Docker host on which something else listens already that the environment itself names. */
export function refinePorts({ ports, docker, host, monitoring }: z.output<typeof READ>, context: z.core.$RefinementCtx): void {
  const engine = remoteDocker(docker.host);
  const ssh = host === undefined ? (engine?.scheme === "ssh" ? (engine.port ?? SSH_PORT) : undefined) : (host.ssh?.port ?? SSH_PORT);
  for (const key of ["http", "https"] as const) {
    const port = ports[key];
    const issue = (message: string) => context.addIssue({ code: "custom", path: ["ports", key], message });
    if (port === ssh) issue(`${port} is the port of SSH on the Docker host; choose another`);
    if (engine?.scheme === "tcp" && port === engine.port) issue(`${port} is the port of docker.host; choose another`);
    if (monitoring.enabled && ports.address === "0.0.0.0" && MONITORING_PORTS.includes(port)) {
      issue(`${port} is a port of the monitoring (3000 and 9100), which listens on the Docker host, too; choose another, or name one address in ports.address`);
    }
  }
}
