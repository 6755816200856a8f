import type { AlertSettings } from "../../constructs/monitoring/alert";
import type { Environment } from "../environment/schema";
import { certificateNames } from "./certificates";

/** What there is to raise alerts about. */
export interface AlertParts extends Pick<AlertSettings, "host" | "containers" | "grafana"> {
  readonly backup: boolean;
}

/** What decides which alerts an environment has. */
export function alertSettings(environment: Environment, parts: AlertParts): AlertSettings {
  const { name, alerts, monitoring, backup, database } = environment;
  const { clockMs, ...thresholds } = alerts.thresholds;
  return {
    ...parts,
    environment: name,
    pending: alerts.pending,
    window: alerts.window,
    interval: monitoring.interval,
    thresholds: { ...thresholds, clockSeconds: clockMs / 1000 },
    backup: parts.backup ? { remotes: (backup.remotes ?? []).map(({ name }) => name) } : undefined,
    externalDatabase: database.external?.host,
    ...(environment.replication ? { standby: true } : {}),
    certificates: certificateNames(environment),
  };
}
