import { z } from "zod";
import { cpus, duration, size } from "../readers";
import { dockerRoot } from "../readers/host-paths";
import { email } from "../readers/people";

/** Memory and processors of a part of the monitoring. */
function part(what: string, memory: string, least: string) {
  return z
    .strictObject({ memory: size("Memory that it may use", memory, least), cpus: cpus(1) })
    .prefault({})
    .meta({ description: what });
}

export const monitoring = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ description: "Whether there is any; true unless given" }),
    interval: duration("Time between two looks at a part", "15s", "1s", "4m"),
    retentionDays: z.int().min(1).max(3650).default(15).meta({ description: "Days that what was seen is kept, 1 to 3650; 15 unless given" }),
    retentionSize: size("Room that it may take; the oldest goes first", "2G", "128M", "10T"),
    dockerRoot: dockerRoot("Directory of the Docker host where Docker keeps its files", "/var/lib/docker"),
    prometheus: part("Prometheus, which gathers and judges", "512M", "128M"),
    alertmanager: part("Alertmanager, which tells people", "128M", "32M"),
    grafana: part("Grafana, which shows it", "512M", "128M"),
    nodeExporter: part("Exporter of the host", "64M", "32M"),
    mysqldExporter: part("Exporter of the database", "64M", "32M"),
    containerMetrics: part("Exporter of the containers", "64M", "32M"),
  })
  .meta({ description: "Monitoring" });

/** A whole number from which on something is worth an alert. */
function threshold(what: string, usual: number, most: number, least = 1) {
  return z
    .int()
    .min(least)
    .max(most)
    .default(usual)
    .meta({ description: `${what}, ${least} to ${most}; ${usual} unless given` });
}

const thresholds = z
  .strictObject({
    cpuPercent: threshold("Percent of the host's processors that are busy", 90, 100),
    memoryPercent: threshold("Percent of its memory that the host, or a container, uses", 90, 100),
    swapPercent: threshold("Percent of the host's swap that is used", 50, 100),
    diskPercent: threshold("Percent of a disk that is full", 90, 100),
    diskHours: threshold("Hours within which no disk may be about to fill up", 24, 1000),
    clockMs: threshold("Milliseconds that the host's clock may be off", 100, 60_000),
    restarts: threshold("Times within window that a container was started again", 3, 1000),
    connectionsPercent: threshold("Percent of MySQL's connections that are open", 80, 100),
    slowQueries: threshold("Slow statements within window", 20, 1_000_000),
    queryTime: duration("Time that a statement takes on average", "200ms", "1ms", "1h"),
    replicationLag: duration("Time that a replica is behind", "1m", "1s", "24h"),
    responseTime: duration("Time that 19 of 20 answers of the wiki take at most", "2s", "1ms", "10m"),
    errorPercent: threshold("Percent of the wiki's answers that are errors", 5, 100),
    failedLogins: threshold("Failed logins within window", 20, 1_000_000),
    bans: threshold("New bans within window", 20, 1_000_000),
    firewallBlocks: threshold("Packets within window that the firewall turned away", 2000, 100_000_000),
    certificateDays: threshold("Days before the end of a certificate", 14, 1000),
    backupHours: threshold("Hours since the last good backup; one a day is made", 26, 10_000, 25),
    drillDays: threshold("Days since a backup was last restored for a trial, which is done once a week", 8, 10_000, 8),
  })
  .meta({ description: "From which values on something is worth an alert" });

export const alerts = z
  .strictObject({
    email: email("E-mail address that alerts go to, through the server of mail; none unless given").optional(),
    webhook: z.boolean().default(false).meta({ description: "Whether alerts are sent to a URL too, which is a secret that you provide; false unless given" }),
    deadMan: z.boolean().default(false).meta({
      description: "Whether a URL is called every minute while the alert path works, so that an external service detects an outage; false unless given",
    }),
    pending: duration("Time that something has to be wrong before it counts", "5m", "1s", "24h"),
    window: duration("Time over which events are counted, and averages taken", "10m", "2s", "24h"),
    groupInterval: duration("Time between two messages about the same thing, when it changes", "5m", "1s", "24h"),
    repeat: duration("Time after which a firing alert is sent again", "4h", "1m", "120h"),
    thresholds: thresholds.prefault({}),
  })
  .meta({ description: "Receivers of alerts" });
