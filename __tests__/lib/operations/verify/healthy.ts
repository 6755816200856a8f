import { Endpoint } from "../../../../constructs/core/endpoint";
import type { Inspected, ProbeNetwork, Target } from "../../../../lib/operations/verify/target";
import { localEnvironment } from "../../../support/example";
import { AUTHORITY_PEM, DATABASE_PEM } from "./pem";
import { asPlanned, hoursAgo, NOW, SERVICES, service, targetOf } from "./target";

const MAIL = { host: "smtp.example.com", port: 587, from: "wiki@example.com", fromName: "Wiki", tls: true };
const OWN = ["tcp://smtp.example.com:587", "tls://hooks.example.com@hooks.example.com:443"];
const ALL = [
  ...SERVICES,
  ...["alertmanager", "prometheus", "crowdsec"].map((name) => service(name, ["backend"])),
  service("egress", ["proxy", "backend"]),
  service("backup", ["backend", "database"], { mounts: [{ type: "volume", source: "local-backup-metrics", target: "/metrics" }] }),
];
const BACKUP = [
  `backup_last_success_timestamp_seconds ${hoursAgo(10)}`,
  "backup_last_attempt_success 1",
  'backup_remote_success{remote="offsite"} 1',
  'backup_remote_check_success{remote="offsite"} 1',
  `backup_drill_last_success_timestamp_seconds ${hoursAgo(50)}`,
  "backup_drill_success 1",
];
const RULE = { name: "EdgeUnknown", health: "ok", state: "inactive", lastEvaluation: NOW.toISOString(), alerts: [] };
const HOST_ADDRESS = "2001:db8::10";

/** A world with everything that can be set up, in which each check finds what was promised. */
export function healthyTarget(): Target {
  const local = localEnvironment();
  const environment = {
    ...local,
    domain: "wiki.example.com",
    ports: { address: "0.0.0.0", ipv6: "::", http: 80, https: 443 },
    host: {},
    docker: { host: "tcp://203.0.113.10:2376" },
    mail: MAIL,
    replication: { role: "source", serverId: 1 } as const,
    wiki: { ...local.wiki, webhooks: [new Endpoint("hooks.example.com", 443)] },
    backup: { ...local.backup, remotes: [{ name: "offsite", kind: "s3" as const }] },
  };
  const banned = new Set<string>();
  return targetOf({
    subject: {
      environment,
      services: ALL,
      watched: { jobs: ["traefik"], alerts: ["EdgeUnknown"] },
      hostChecks: () => [{ name: "firewall", ok: true, differences: [] }],
    },
    inside: {
      inspect: async (names) => ALL.map(inspected).filter(({ Name }) => names.includes(Name.slice(1))),
      exec: async (_, args) => printed(args, () => banned.clear()),
      probe: async (place, [verb = "", ...args]) => seen(place, verb, args, banned),
      hostFiles: async () => ({ "host.prom": `host_checks_last_run_timestamp_seconds ${hoursAgo(0.2)}` }),
    },
  });
}

function inspected(planned: (typeof ALL)[number], position: number): Inspected {
  const found = asPlanned(planned, position);
  return planned.service === "backup" ? { ...found, Mounts: [{ Type: "volume", Name: "local-backup-metrics", Destination: "/metrics", RW: true }] } : found;
}

/** What a command in a container prints. */
function printed(args: readonly string[], lift: () => void): string {
  const last = args.at(-1) ?? "";
  if (args[0] === "df") return `Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 263000000 9000000 90000000 12% ${last}\n`;
  if (args[0] === "cat" && last.endsWith("_ca.crt")) return AUTHORITY_PEM;
  if (last === "followers") return "2\t1\n102\t30\n";
  if (args[0] === "cscli") lift();
  if (last.endsWith("/backup.prom")) return `${BACKUP.join("\n")}\n`;
  if (last.endsWith("/api/v2/alerts")) return JSON.stringify([{ labels: { alertname: "Watchdog" } }]);
  if (last.includes("/targets")) return JSON.stringify({ data: { activeTargets: [{ labels: { job: "traefik" }, health: "up", lastError: "" }] } });
  if (last.includes("/rules")) return JSON.stringify({ data: { groups: [{ rules: [RULE] }] } });
  if (last.endsWith(":8080/metrics")) return "bookstack_entities_without_permissions 0\n";
  if (last.endsWith("/metrics")) return 'alertmanager_notifications_failed_total{integration="email",reason="other"} 0\n';
  if (last.endsWith("/access.log")) return `{"ClientHost":"${HOST_ADDRESS}"}\n`;
  return "";
}

/** What the probe sees. */
function seen({ network, ip = "" }: ProbeNetwork, verb: string, args: readonly string[], banned: Set<string>): unknown {
  const ofWiki = network === "container:local-bookstack";
  if (verb === "listen") return network.includes("egress") ? [443, 587] : network.includes("-db") ? [3306] : [3000];
  if (verb === "addresses") return [HOST_ADDRESS];
  if (verb === "certificate") return DATABASE_PEM;
  if (verb === "from") return { status: 302, address: HOST_ADDRESS };
  if (verb === "resolve") return network === "local-proxy" ? ["203.0.113.25"] : [];
  if (verb === "answer") return args.filter((arg) => ofWiki && OWN.includes(arg));
  if (verb === "ask") return answer(args.slice(3), ip, banned);
  // addresses are 10.0.<number of the network of the service>.<10 and the number of the service>; bookstack-db is 10.0.0.12
  return args.filter((arg) => network === "local-proxy" || isShared(network, arg));
}

function answer(paths: readonly string[], ip: string, banned: Set<string>): number[] {
  if (paths.some((path) => path.endsWith(".env"))) banned.add(ip);
  const attack = paths.length <= 40;
  return paths.map((_, index) => (banned.has(ip) ? 403 : attack || index < 55 ? 302 : 429));
}

/** Whether the container in whose place the probe is shares a network with `target`. */
function isShared(place: string, target: string): boolean {
  const own = ALL.find(({ name }) => place === `container:${name}`)?.networks ?? [];
  return ALL.map(inspected).some(({ NetworkSettings }) =>
    Object.entries(NetworkSettings.Networks).some(([network, { IPAddress }]) => own.includes(network) && target.startsWith(`${IPAddress}:`)),
  );
}
