import type { AlertSettings } from "../../constructs/monitoring/alert";
import { type AlertParts, alertSettings } from "../../lib/stack/alerts";
import { localEnvironment } from "./example";

export const GRAFANA = "https://grafana.wiki.localhost";
export const NOTHING_MORE: AlertParts = { backup: false, host: false, containers: () => [], grafana: GRAFANA };
/** Alerts of an environment without backups and with a host that is left alone. */
export const LEAST = alertSettings(localEnvironment(), NOTHING_MORE);
/** Every alert that there can be, with the usual values. */
export const MOST: AlertSettings = { ...LEAST, backup: { remotes: ["s3"] }, host: true, standby: true, containers: () => ["bookstack", "bookstack-db"] };

/** Names of the metrics that a question to Prometheus reads. */
export function metricsOf(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, "")
    .replace(/\{[^}]*\}/g, " ")
    .replace(/\[[^\]]*\]/g, "")
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, " ")
    .replace(/\boffset\s+\w+/g, "");
  const words = [...bare.matchAll(/(?<![\w:.])([a-zA-Z_:][\w:]*)(?!\s*\()(?![\w:])/g)].map(([, word = ""]) => word);
  return [...new Set(words)].filter((word) => !["and", "or", "unless", "bool", "by", "on"].includes(word)).sort();
}
