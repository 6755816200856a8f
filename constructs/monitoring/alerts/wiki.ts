import { Duration } from "../../core/duration";
import type { AlertFamily, AlertSettings } from "../alert";
import { counted, seconds } from "../promql";

/** Requests that have to fail before a share of them says anything. */
const LEAST_ERRORS = 5;
const WIKI = 'service="bookstack@file"';

export const family: AlertFamily = {
  name: "wiki",
  title: "The wiki",
  alerts: ({ window, thresholds: { errorPercent, responseTime } }: AlertSettings) => {
    const w = seconds(window);
    // a status that was never answered before has no rate yet
    const all = `sum(${counted(`traefik_router_requests_total{${WIKI}}`, w)})`;
    const failed = `sum(${counted(`traefik_router_requests_total{${WIKI},code=~"5.."}`, w)})`;
    return [
      {
        name: "WikiWithoutDatabase",
        severity: "critical",
        expression: "bookstack_database_up == 0",
        summary: "BookStack cannot read its database",
        first: "Is MySQL up? If so: did the password or the certificate change? Deploy again.",
      },
      {
        name: "WikiErrors",
        severity: "critical",
        expression: `100 * ${failed} / ${all} > ${errorPercent} and ${failed} >= ${LEAST_ERRORS}`,
        job: "traefik",
        metric: "Error rate",
        summary: "{{ $value | humanize }} % of the wiki's answers are errors of its own",
        first: "Read the log of bookstack; is the database up? 503 alone means that more requests came than the queue of the edge holds.",
      },
      {
        name: "WikiSlow",
        severity: "warning",
        expression: `wiki:response_seconds:p95 > ${responseTime.seconds}`,
        job: "traefik",
        metric: "Response time",
        summary: "One answer in twenty takes longer than {{ $value | humanizeDuration }}",
        first: "Busy processors, a slow database, or all workers taken? The dashboard BookStack shows it.",
      },
      {
        name: "WikiWorkersTaken",
        severity: "warning",
        expression: 'bookstack_apache_workers{state="busy"} >= on (job, instance) (bookstack_apache_workers_limit - 2)',
        metric: "Concurrent connections",
        summary: "Every worker of the wiki is taken: requests wait",
        first: "Something slow holds them: the database, or an export. If it is people, give the wiki more processors.",
      },
      {
        name: "WikiMailFails",
        severity: "warning",
        expression: `sum by (job) (${counted('bookstack_mails_total{result="failed"}', w)}) > 0`,
        lasts: Duration.seconds(0),
        summary: "{{ $value | humanize }} notifications of the wiki could not be sent",
        first: "Send a test mail in the wiki's settings; read the logs of bookstack and egress: server, password, certificate?",
      },
      {
        name: "WikiWebhooksFail",
        severity: "warning",
        expression: `sum by (job) (${counted('bookstack_webhooks_total{result="failed"}', w)}) > 0`,
        lasts: Duration.seconds(0),
        summary: "{{ $value | humanize }} calls of the wiki's webhooks failed",
        first: "The wiki's settings show the last error of each webhook; is its host in wiki.webhooks?",
      },
      {
        name: "StockAccount",
        severity: "critical",
        expression: "bookstack_default_admin_present == 1",
        summary: "The account admin@admin.com is there, with a password that everybody knows",
        first: "Take the account away in BookStack at once.",
      },
    ];
  },
};
