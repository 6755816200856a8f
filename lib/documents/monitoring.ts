import { ALERT_FAMILIES, type Alert, type AlertSettings, alertsOf, alertsOfFamily } from "../../constructs/monitoring/alert";
import { DASHBOARDS } from "../../constructs/monitoring/dashboard";
import { KEY_METRICS } from "../../constructs/monitoring/key-metrics";
import { loadEnvironment } from "../environment/load";
import { alertSettings } from "../monitoring";
import { markdownTable } from "./markdown";

/** With everything that can be set up, and the default thresholds. */
function defaultSettings(): AlertSettings {
  const parts = { backup: true, host: true, containers: () => ["bookstack"], grafana: "" };
  return { ...alertSettings(loadEnvironment("local"), parts), backup: { remotes: ["offsite"] } };
}

/** Key metric → panel → alerts, one row each. */
export function metricsTable(): string {
  const settings = defaultSettings();
  const panels = DASHBOARDS().flatMap(({ title, rows }) =>
    Object.values(rows(settings))
      .flat()
      .map((panel) => ({ panel, dashboard: title })),
  );
  const alerts = alertsOf(settings);
  const body = Object.entries(KEY_METRICS).flatMap(([part, metrics]) =>
    metrics.map((metric) => {
      const { panel, dashboard } = panels.find((candidate) => candidate.panel.metric === metric) ?? {};
      const raised = alerts.filter((alert) => alert.metric === metric);
      return [
        part,
        metric,
        `${dashboard}: ${panel?.title}`,
        raised.map(({ name }) => `[${name}](alerts.md#${name.toLowerCase()})`).join("<br>") || "none: it is only shown",
      ];
    }),
  );
  return markdownTable(["Part", "Key metric", "Dashboard: panel", "Alerts"], body);
}

/** A chapter for each alert. */
export function alertChapters(): string {
  const settings = defaultSettings();
  return ALERT_FAMILIES()
    .map((family) => [`## ${family.title}`, ...alertsOfFamily(family, settings).map((alert) => chapter(alert, settings))].join("\n\n"))
    .join("\n\n");
}

function chapter({ name, severity, summary, first, expression, lasts }: Alert, { pending }: AlertSettings): string {
  const duration = lasts ?? pending;
  const when = duration.seconds > 0 ? `, for ${duration}` : "";
  const said = (text: string) => text.replace(/\{\{ *\$value[^}]*\}\}/g, "…").replace(/\{\{ *\$labels\.(\w+) *\}\}/g, "($1)");
  return `### ${name}\n\n${said(summary)}.\n\n- First: ${said(first)}\n- Severity: ${severity}${when}\n- Raised by: \`${expression}\``;
}
