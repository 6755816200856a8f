import { ALERT_FAMILIES, type Alert, type AlertSettings, alertsOf, alertsOfFamily, WATCHDOG } from "./alert";
import { renderInhibition } from "./alertmanager-config";
import { EXPLAINED_BY } from "./explained-by";
import type { Column, Query, State, Table } from "./panel";

const FIRING = `alertstate="firing",alertname!="${WATCHDOG}"`;
const SEVERITIES: readonly State[] = [
  { value: "critical", text: "critical", color: "red" },
  { value: "warning", text: "warning", color: "yellow" },
];
/** Without it, no alert is evaluated: an empty table would be no good sign. */
const BLIND = `label_replace(label_replace(0 * absent(ALERTS{alertname="${WATCHDOG}",alertstate="firing"}), "severity", "critical", "", ""), "family", "monitoring", "", "")`;

/** What the table says then. */
const BLIND_TEXTS = { summary: "Prometheus evaluates no alerts", first: "Read the log of prometheus." };
const ALERT_TEXTS = "alert:texts:info";
/** A label within a text of an alert. */
const LABEL = /\{\{ *\$labels\.(\w+) *\}\}/g;
/** Occurs in no text and no label. */
const BETWEEN = " @@ ";

/** PromQL: firing alerts that Alertmanager holds back, because it tells of their cause. */
export const HELD_BACK = renderInhibition()
  .map(({ source_matchers, target_matchers, equal }) => {
    const firing = (matchers: readonly string[]) => `ALERTS{${[FIRING, ...matchers].join(",")}}`;
    return `${firing(target_matchers)} and on (${equal.join(", ")}) ${firing(source_matchers)}`;
  })
  .join(" or ");

/** PromQL: firing alerts that send messages. */
export function firingWith(...matchers: readonly string[]): string {
  return `ALERTS{${[FIRING, ...matchers].join(",")}} unless (${HELD_BACK})`;
}

/** What is wrong, what it is about, what to do first, and where to look. */
export function alertTables(settings: AlertSettings): Record<"firing" | "held", Table> {
  const alerts = alertsOf(settings);
  const common = {
    kind: "table",
    unit: "dtdurations",
    width: 24,
    columns: columns(),
    // what began first is often the cause
    sort: [{ title: "Severity" }, { title: "For", descending: true }],
    empty: "none",
  } as const;
  return {
    firing: {
      ...common,
      title: "Firing alerts",
      height: 9,
      about:
        "Alerts that are sent now, the most severe first, then the oldest: it is often the cause. Follow the column Do first; the last column opens the dashboard that shows why.",
      queries: [rows(`${since(firingWith())} or ${BLIND}`, alerts)],
    },
    held: {
      ...common,
      title: "Firing alerts that follow from another",
      height: 6,
      about: "Alertmanager sends no message about these, because their cause is among the firing alerts. They should end with it.",
      queries: [rows(since(HELD_BACK), alerts)],
    },
  };
}

/** Seconds for which each of `alerts` has been wrong. */
function since(alerts: string): string {
  return `(time() - ALERTS_FOR_STATE) and ignoring (alertstate) (${alerts})`;
}

/** The texts are in a separate metric; an alert without them is shown, too. */
function rows(alerts: string, all: readonly Alert[]): Query {
  const texts = "summary, first, dashboard";
  const named = about(alerts, all);
  const expression = `${named} * on (alertname) group_left (${texts}) ${ALERT_TEXTS} or ignoring (${texts}) ${named}`;
  return { expr: `max by (severity, alertname, about, ${texts}) (${filledIn(expression, all)})`, sparse: true };
}

/** Puts the labels of an alert where its texts name them, once for each time that one text names one label. */
function filledIn(expression: string, all: readonly Alert[]): string {
  const places = (["summary", "first"] as const).flatMap((text) => {
    const named = all.map((alert) => [...alert[text].matchAll(LABEL)].map(([, label = ""]) => label));
    const times = (label: string) => Math.max(...named.map((labels) => labels.filter((other) => other === label).length));
    return [...new Set(named.flat())].flatMap((label) => Array.from({ length: times(label) }, () => [text, label] as const));
  });
  return places.reduce(
    (expr, [text, label]) =>
      `label_replace(label_join(${expr}, "filled", "${BETWEEN}", "${text}", "${label}"), "${text}", "$1$3$2", "filled", "(.*)<${label}>(.*)${BETWEEN}(.*)")`,
    expression,
  );
}

/** The label that a summary names says what an alert is about; without one, its family does. */
function about(alerts: string, all: readonly Alert[]): string {
  const named = new Map<string, string[]>();
  for (const { name, summary } of all) {
    const [, label] = /\$labels\.(\w+)/.exec(summary) ?? [];
    if (label !== undefined) named.set(label, [...(named.get(label) ?? []), name]);
  }
  return [...named].reduce(
    (expr, [label, names]) =>
      `label_replace(label_join(${expr}, "named", ":", "alertname", "${label}"), "about", "$1", "named", "(?:${names.join("|")}):(.+)")`,
    `label_replace(${alerts}, "about", "$1", "family", "(.+)")`,
  );
}

function columns(): Column[] {
  return [
    { field: "severity", title: "Severity", width: 90, states: SEVERITIES, filled: true },
    { field: "alertname", title: "Alert", width: 185 },
    { field: "about", title: "About", width: 120 },
    { field: "summary", title: "What is wrong", width: 290, wrapped: true },
    { field: "first", title: "Do first", wrapped: true },
    { field: "Value", title: "For", width: 95, unit: "dtdurations", decimals: 0 },
    {
      field: "dashboard",
      title: "Shown by",
      width: 85,
      states: Object.values(EXPLAINED_BY).map(({ id, title }) => ({ value: id, text: title })),
      link: { title: "Open this dashboard", url: "/d/${__value.raw}?${__url_time_range}" },
    },
  ];
}

/** What each alert says, as a metric with labels: a table shows labels, and knows how high their text is. */
export function recordAlertTexts(settings: AlertSettings): object[] {
  const withoutValues = (text: string) => text.replace(/\{\{ *\$value[^}]*\}\}/g, "…").replace(LABEL, "<$1>");
  const alerts = ALERT_FAMILIES().flatMap((family) => alertsOfFamily(family, settings).map((alert) => ({ ...alert, family: family.name })));
  return alerts.map(({ name, family, summary, first }) => ({
    record: ALERT_TEXTS,
    expr: "vector(1)",
    labels: {
      alertname: name,
      ...(name === WATCHDOG ? BLIND_TEXTS : { summary: withoutValues(summary), first: withoutValues(first) }),
      dashboard: EXPLAINED_BY[family]?.id ?? "",
    },
  }));
}
