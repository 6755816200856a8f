import { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { addDependencies } from "../../constructs/core/dependencies";
import { ERROR_LOG } from "../../constructs/database/mysql-config";
import { bridgeName } from "../../constructs/docker/networks";
import type { CrowdSec } from "../../constructs/edge/crowdsec/crowdsec";
import { LAPI_PORT } from "../../constructs/edge/crowdsec/crowdsec-config";
import { isPrivate, offersHttp3 } from "../../constructs/edge/traefik/published";
import { Accounts } from "../../constructs/host/accounts";
import { Auditd } from "../../constructs/host/auditd";
import { Base } from "../../constructs/host/base";
import { Checks } from "../../constructs/host/checks";
import { DockerDaemon } from "../../constructs/host/docker-daemon";
import { Fail2ban } from "../../constructs/host/fail2ban";
import { Firewall } from "../../constructs/host/firewall";
import { FIREWALL_BOUNCER, FirewallBouncer } from "../../constructs/host/firewall-bouncer";
import { HardenedHost } from "../../constructs/host/hardened-host";
import { serviceDirectory } from "../../constructs/host/host-secret-store";
import { Maintenance } from "../../constructs/host/maintenance";
import { RouterAdvertisements } from "../../constructs/host/router-advertisements";
import { Slice } from "../../constructs/host/slice";
import { Sshd } from "../../constructs/host/sshd";
import { Sysctl } from "../../constructs/host/sysctl";
import type { Environment } from "../environment/schema";
import { containerSubnets, publishedFrom, trustedProxies } from "./addresses";
import type { StackContext } from "./context";
import { POSITIONS } from "./positions";
import { rotatedLogs, rotation } from "./rotated-logs";

/** Ports of the host's own that containers of the backend network use: Grafana's and that of node-exporter. */
const BACKEND_PORTS = [3000, 9100];
const SSH_PORT = 22;

/** The hardened host of an environment, with every part; nothing without the block `host`. */
export function hardenedHost(scope: Construct, environment: Environment): HardenedHost | undefined {
  const { host: settings, name, ports, networks, access } = environment;
  if (settings === undefined) return undefined;
  const sshPort = settings.ssh?.port ?? SSH_PORT;
  const published = isPrivate(ports) ? [] : [ports.http, ports.https];
  const { subnet, gateway } = { subnet: `${networks.backend}`, gateway: networks.backend.gateway };
  const host = new HardenedHost(scope, "Host", { environment: name, connection: settings.ssh });
  const parts = [
    new Base(),
    new Sysctl(),
    ...(ports.ipv6 === undefined ? [] : [new RouterAdvertisements()]),
    new Accounts(),
    new Firewall({
      sshPort,
      sshFrom: settings.sshFrom,
      published,
      publishedUdp: offersHttp3(ports, trustedProxies(environment)) ? published.slice(1) : [],
      publishedFrom: publishedFrom(environment),
      allowedBridgePorts: BACKEND_PORTS.map((port) => ({ bridge: bridgeName(name, "be"), subnet, gateway, port })),
    }),
    new Sshd(),
    new Slice(),
    new DockerDaemon(),
    new Auditd({ dockerRoot: environment.monitoring.dockerRoot }),
    new Maintenance({ logs: rotatedLogs(environment).map((logs) => ({ container: `${name}-${logs.service}`, args: rotation(logs).args })) }),
    new Fail2ban({
      sshPort,
      trusted: access.trusted ?? [],
      containers: containerSubnets(environment),
      mysqlLog: environment.database.external === undefined ? `${volumeDirectory(environment, "database-logs")}/${ERROR_LOG}` : undefined,
    }),
  ];
  for (const part of parts) host.add(part);
  return host;
}

/**
 * What the host has once its secrets are there: a firewall that blocks what CrowdSec bans, and the watch over all parts. Nothing of Docker is
 * created before the host is complete.
 */
export function completeHost(stack: Construct, context: StackContext, { crowdsec }: { readonly crowdsec: CrowdSec }): void {
  const { host, environment, secrets, networks } = context;
  if (host === undefined) return;
  crowdsec.registerBouncer("firewall", secrets.directory(FIREWALL_BOUNCER, "0:0"));
  const apiUrl = `http://${networks.backend.subnet.address(POSITIONS.crowdsec)}:${LAPI_PORT}/`;
  host.add(new FirewallBouncer({ apiUrl, keyFile: `${serviceDirectory(environment.name, FIREWALL_BOUNCER)}/bouncer_key_firewall` }));
  host.add(new Checks());
  afterHost(stack, host.last());
}

/** Nothing of Docker is made before the host is as it should be. */
function afterHost(stack: Construct, last: TerraformResource): void {
  for (const construct of stack.node.findAll()) {
    if (!(construct instanceof TerraformResource) || !construct.terraformResourceType.startsWith("docker_")) continue;
    addDependencies(construct, [last]);
  }
}

/** Where Docker keeps a volume. */
function volumeDirectory({ name, monitoring: { dockerRoot } }: Environment, volume: string): string {
  return `${dockerRoot}/volumes/${name}-${volume}/_data`;
}
