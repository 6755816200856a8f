import { ALERT_FAMILIES, type Alert, type AlertSettings, alertsOf, alertsOfFamily } from "../../constructs/monitoring/alert";
import { DASHBOARDS } from "../../constructs/monitoring/dashboard";
import { KEY_METRICS } from "../../constructs/monitoring/key-metrics";
import { loadEnvironment } from "../../lib/environment/load";
import { alertSettings } from "../../lib/stack/alerts";
import { wrapped } from "./configuration";
import { markdownTable } from "./markdown";

/** With everything that can be set up, and the default thresholds. */
function defaultSettings(): AlertSettings {
  const parts = { backup: true, host: true, containers: () => ["bookstack"], grafana: "" };
  return { ...alertSettings(loadEnvironment("local"), parts), backup: { remotes: ["offsite"] }, standby: true };
}

/** Key metric, panel and alerts, one row each; links are below the table, so that its lines stay short. */
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
      return [part, metric, `${dashboard}: ${panel?.title}`, raised.map(({ name }) => `[${name}]`).join(", ") || "none"];
    }),
  );
  const linked = alerts.filter((alert) => alert.metric !== undefined && panels.some(({ panel }) => panel.metric === alert.metric));
  const targets = linked.map(({ name }) => `[${name.toLowerCase()}]: alerts.md#${name.toLowerCase()}`);
  return `${markdownTable(["Part", "Key metric", "Dashboard: panel", "Alerts"], body)}\n\n${targets.sort().join("\n")}`;
}

/** An alert's text with `…` in place of its value, and names of labels in place of theirs. */
function withoutTemplates(text: string): string {
  return text.replace(/\{\{ *\$value[^}]*\}\}/g, "…").replace(/\{\{ *\$labels\.(\w+) *\}\}/g, "($1)");
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
  return [
    `### ${name}`,
    "",
    ...wrapped(`${withoutTemplates(summary)}.`, ""),
    "",
    ...wrapped(`- First: ${withoutTemplates(first)}`, "  "),
    `- Severity: ${severity}${when}`,
    "- Raised by:",
    "",
    "  ```promql",
    ...query(expression).map((line) => `  ${line}`),
    "  ```",
  ].join("\n");
}

/** An expression in lines of at most 118 columns, broken where PromQL ignores white space. */
function query(expression: string): string[] {
  const words = expression.match(/(?:"[^"]*"|[^ "])+/g) ?? [];
  const lines = [""];
  for (const word of words) {
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + 1 + word.length > 118) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
