import { z } from "zod";
import { Duration } from "../../../constructs/core/duration";
import { cpus, domain, size, timezone } from "../readers";
import { hostLog } from "../readers/host-paths";
import { wasRead } from "../relations";
import { areAddressesRead, refineAddresses } from "../relations/addresses";
import { isFrontRead, refineFront } from "../relations/in-front";
import { isIpv6Read, refineIpv6 } from "../relations/ipv6";
import { areNamesRead, refineOwnNames } from "../relations/own-names";
import { arePortsRead, refinePorts } from "../relations/ports-taken";
import { isSignedRead, refineSigned } from "../relations/public-names";
import { isStandbyRead, refineStandby } from "../relations/two-hosts";
import type { ReplicationPart } from "../standby";
import { access } from "./access";
import { backup } from "./backup";
import { cluster, isClusterRead, refineCluster } from "./cluster";
import { database } from "./database";
import { dns } from "./dns";
import { host, otherHost } from "./host";
import { images } from "./images";
import { mail } from "./mail";
import { alerts, monitoring } from "./monitoring";
import { networks } from "./networks";
import { docker, providers, secrets, state, terraform } from "./place";
import { ports } from "./ports";
import { signOn } from "./sign-on";
import { standby } from "./standby";
import { tls } from "./tls";
import { traefik } from "./traefik";
import { users } from "./users";
import { areWebhooksRead, refineWebhooks } from "./webhooks";
import { wiki } from "./wiki";

export { DATABASE_VERSIONS, type DatabaseVersion } from "./database";

const authelia = z.strictObject({ memory: size("Memory of the portal", "512M", "256M"), cpus: cpus(1) }).meta({ description: "Login portal" });

const crowdsec = z
  .strictObject({
    appsec: z.boolean().default(false).meta({ description: "Whether requests are searched for known attacks before they are let through; false unless given" }),
    community: z
      .boolean()
      .default(false)
      .meta({ description: "Whether the community's list of attackers is used, with a key of crowdsec.net; false unless given" }),
    hostLog: hostLog("Log of sign-ins at the Docker host in the form of syslog, which is then read too", "/var/log/auth.log"),
    memory: size("Memory of the intrusion detection", "512M", "256M"),
    cpus: cpus(1),
  })
  .meta({ description: "Intrusion detection" });

/** As much as has to be read before an image can be compared with its line. */
const LINE = z.object({ database: z.object({ version: z.string() }), images: z.object({ mysql: z.string().optional() }) });

function isLineRead({ value }: { readonly value: unknown }): boolean {
  return LINE.safeParse(value).success;
}

/** Refuses a database of another line than the one that is configured. */
function refineLine({ database: { version }, images: { mysql = "" } }: z.output<typeof LINE>, context: z.core.$RefinementCtx): void {
  const [, line = version] = /:v?(\d+\.\d+)[.-][^/]*$/.exec(mysql.replace(/@.*/, "")) ?? [];
  const message = `"${mysql}" is of the line ${line}, but database.version is ${version}; name one line in both`;
  if (line !== version) context.addIssue({ code: "custom", path: ["images", "mysql"], message });
}

/** As much as has to be read before times can be compared. */
const TIME = z.custom<Duration>((value) => value instanceof Duration);
const TIMES = z.object({ alerts: z.object({ window: TIME }), monitoring: z.object({ interval: TIME }) });
/** As much as has to be read before addresses can be compared. */
const EMAILS = z.object({ users: z.array(z.object({ email: z.string() })), wiki: z.object({ admin: z.object({ email: z.string() }) }) });

/** The keys that must be read before both hosts can be compared. */
const HOSTS = z.object({
  docker: z.object({ host: z.string() }),
  host: z.object({ ssh: z.object({ address: z.string(), port: z.int() }).optional() }),
});

/** What an environment file may say, with what is taken for what it leaves out. */
export const environmentSchema = z
  .strictObject({
    $schema: z.string().optional().meta({ description: "For editors" }),
    domain: domain("Domain below which bookstack.DOMAIN is served"),
    timezone: timezone("Time zone of people, by its IANA name; UTC unless given").prefault("UTC"),
    production: z
      .boolean()
      .default(false)
      .meta({ description: "Production mode: warnings become errors, such as images without a digest; false unless given" }),
    docker: docker.prefault({}),
    host: host.optional(),
    cluster: cluster.optional(),
    standby: standby.optional(),
    terraform,
    providers: providers.prefault({}),
    state: state.prefault({}),
    secrets: secrets.prefault({}),
    tls: tls.prefault({}),
    access: access.prefault({}),
    dns: dns.prefault({}),
    ports: ports.prefault({}),
    networks: networks.prefault({}),
    protectData: z.boolean().default(true).meta({ description: "Whether Terraform refuses to destroy data volumes; true unless given" }),
    traefik: traefik.prefault({}),
    authelia: authelia.prefault({}),
    users,
    signOn: signOn.prefault({}),
    mail: mail.optional(),
    crowdsec: crowdsec.prefault({}),
    wiki,
    database: database.prefault({}),
    backup: backup.prefault({}),
    monitoring: monitoring.prefault({}),
    alerts: alerts.prefault({}),
    images: images.prefault({}),
  })
  .refine(({ alerts: { email: address }, mail: server }) => address === undefined || server !== undefined, {
    when: wasRead((read) => typeof read === "object" && read !== null, "alerts"),
    path: ["alerts", "email"],
    error: "needs a mail server; add the block mail, or leave email out",
  })
  .refine(({ alerts: { window }, monitoring: { interval } }) => window.seconds >= 2 * interval.seconds, {
    when: ({ value }) => TIMES.safeParse(value).success,
    path: ["alerts", "window"],
    error: ({ input }) => {
      const { alerts: given, monitoring: looks } = input as { alerts: { window: Duration }; monitoring: { interval: Duration } };
      return `${given.window} holds no two looks of monitoring.interval ${looks.interval}; give twice as much or more`;
    },
  })
  .refine(({ domain: served, dns: { provider, zone } }) => provider === "none" || zone === undefined || served === zone || served.endsWith(`.${zone}`), {
    when: ({ value }) =>
      wasRead((read) => typeof read === "string", "domain")({ value }) && wasRead((read) => typeof read === "object" && read !== null, "dns")({ value }),
    path: ["dns", "zone"],
    error: ({ input }) => {
      const { domain: served, dns: given } = input as { domain: string; dns: { zone: string } };
      return `${given.zone} does not hold ${served}; give the zone that the domain is in`;
    },
  })
  .superRefine(refineWebhooks, { when: areWebhooksRead })
  .superRefine(
    ({ docker: { host: engine }, host: hardened }, context) => {
      const problem = hardened && otherHost(engine, hardened.ssh);
      if (problem !== undefined) context.addIssue({ code: "custom", path: ["host", "ssh"], message: problem });
    },
    { when: ({ value }) => HOSTS.safeParse(value).success },
  )
  .superRefine(
    ({ users: people, wiki: { admin } }, context) => {
      const index = people.findIndex(({ email: address }) => address.toLowerCase() === admin.email.toLowerCase());
      if (index < 0) return;
      const message = `"${admin.email}" is that of wiki.admin, and the wiki would not let this person in; give one of them another`;
      context.addIssue({ code: "custom", path: ["users", index, "email"], message });
    },
    { when: ({ value }) => EMAILS.safeParse(value).success },
  )
  .superRefine(refinePorts, { when: arePortsRead })
  .superRefine(refineSigned, { when: isSignedRead })
  .superRefine(refineAddresses, { when: areAddressesRead })
  .superRefine(refineOwnNames, { when: areNamesRead })
  .superRefine(refineLine, { when: isLineRead })
  .superRefine(refineFront, { when: isFrontRead })
  .superRefine(refineIpv6, { when: isIpv6Read })
  .superRefine(refineCluster, { when: isClusterRead })
  .superRefine(refineStandby, { when: isStandbyRead })
  .meta({ title: "Environment of Secure BookStack", description: "One file, one wiki" });

/** An environment as the stack takes it: every value parsed, every default filled in. */
export interface Environment extends Readonly<z.output<typeof environmentSchema>> {
  /** Name of the file without its ending; names of everything on the Docker host begin with it. */
  readonly name: string;
  /** Part in a replication between two hosts. @default - none: it has no standby */
  readonly replication?: ReplicationPart;
}
