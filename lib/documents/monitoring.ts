import { ALERT_FAMILIES, type Alert, type AlertSettings } from "../../constructs/monitoring/alert";
import { DASHBOARDS } from "../../constructs/monitoring/dashboard";
import { KEY_METRICS } from "../../constructs/monitoring/key-metrics";
import { loadEnvironment } from "../environment/load";
import { alertSettings } from "../monitoring";
import { markdownTable } from "./markdown";

/** With everything that can be set up, and the default thresholds. */
function defaultSettings(): AlertSettings {
  return alertSettings(loadEnvironment("local"), { remote: true }, true);
}

/** Key metric → panel → alerts, one row each. */
export function metricsTable(): string {
  const settings = defaultSettings();
  const panels = DASHBOARDS().flatMap(({ title, rows }) =>
    Object.values(rows(settings))
      .flat()
      .map((panel) => ({ panel, dashboard: title })),
  );
  const alerts = ALERT_FAMILIES().flatMap((family) => family.alerts(settings));
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
    .map(({ title, alerts }) => [`## ${title}`, ...alerts(settings).map((alert) => chapter(alert, settings))].join("\n\n"))
    .join("\n\n");
}

function chapter({ name, severity, summary, first, expression, lasts }: Alert, { pending }: AlertSettings): string {
  const duration = lasts ?? pending;
  const when = duration.seconds > 0 ? `, for ${duration}` : "";
  const said = summary.replace(/\{\{ *\$value[^}]*\}\}/g, "…").replace(/\{\{ *\$labels\.(\w+) *\}\}/g, "(the $1)");
  return `### ${name}\n\n${said}.\n\n- First: ${first}\n- Severity: ${severity}${when}\n- Raised by: \`${expression}\``;
}
