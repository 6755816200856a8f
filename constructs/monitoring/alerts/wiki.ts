import { Duration } from "../../core/duration";
import { type Alert, type AlertFamily, type AlertSettings, containerName, ENVIRONMENT } from "../alert";
import { ALERT_SOURCES, missing } from "../alert-sources";
import { above, count, counted, seconds } from "../promql";

/** Requests that have to fail before a share of them says anything. */
const LEAST_ERRORS = 5;
const WIKI = 'service="bookstack@file"';
const LOG = `docker logs --tail 100 ${containerName("bookstack")}`;
const REGENERATE = `docker exec ${containerName("bookstack")} sh /etc/bookstack/entrypoint.sh php artisan bookstack:regenerate-permissions`;

export const family: AlertFamily = {
  name: "wiki",
  title: "The wiki",
  alerts: (settings: AlertSettings) => [...state(settings), ...answers(settings), ...outbound(settings)],
};

function state({ window, externalDatabase: server }: AlertSettings): Alert[] {
  return [
    {
      name: "WikiWithoutDatabase",
      severity: "critical",
      expression: "bookstack_database_up == 0",
      summary: "BookStack cannot read its database: the wiki is unavailable",
      first: `Does ${server ?? containerName("bookstack-db")} run? If it does, the password or the certificate may differ: npm run deploy -- ${ENVIRONMENT}.`,
    },
    {
      name: "WikiUnknown",
      severity: "critical",
      expression: missing(ALERT_SOURCES.wiki),
      summary: "Metrics of the wiki are missing: how it works is not known",
      first: `Open the wiki; read ${LOG}, then docker restart ${containerName("bookstack")}.`,
    },
    {
      name: "StockAccount",
      severity: "critical",
      expression: "bookstack_default_admin_present == 1",
      summary: "The account admin@admin.com exists, with a password that is public",
      first: "Delete the account in BookStack at once.",
    },
    {
      name: "WikiContentInvisible",
      severity: "critical",
      expression: "bookstack_entities_without_permissions > 0",
      summary: `${count()} pages, chapters, books or shelves lost their permissions and were not repaired, so that no user can see them`,
      first: `Read ${LOG}, then run ${REGENERATE}.`,
    },
    {
      name: "WikiContentRestored",
      severity: "warning",
      expression: `increase(bookstack_permissions_restored_total[${seconds(window)}]) > 0`,
      lasts: Duration.seconds(0),
      summary: `${count()} pages, chapters, books or shelves had lost their permissions; the wiki regenerated them`,
      first: `The database or the wiki was killed while something was saved: read ${server === undefined ? `docker logs --tail 100 ${containerName("bookstack-db")}` : `the log of ${server}`} and ${LOG} for the reason.`,
    },
  ];
}

function answers({ window, thresholds: { errorPercent, responseTime } }: AlertSettings): Alert[] {
  const w = seconds(window);
  // a status that was never answered before has no rate yet
  const all = `sum(${counted(`traefik_router_requests_total{${WIKI}}`, w)})`;
  const failed = `sum(${counted(`traefik_router_requests_total{${WIKI},code=~"5.."}`, w)})`;
  return [
    {
      name: "WikiErrors",
      severity: "critical",
      expression: `100 * ${failed} / ${all} > ${errorPercent} and ${failed} >= ${LEAST_ERRORS}`,
      job: ALERT_SOURCES.edge.job,
      metric: "Error rate",
      summary: `${count()} % of the wiki's answers are server errors`,
      first: `Read ${LOG}; is the database up? Only 503 means that more requests came than the queue of the reverse proxy holds.`,
    },
    {
      name: "WikiSlow",
      severity: "warning",
      expression: above("WikiSlow", "wiki:response_seconds:p95", responseTime.seconds),
      job: ALERT_SOURCES.edge.job,
      metric: "Response time",
      summary: "One answer of the wiki in twenty takes longer than {{ $value | humanizeDuration }}",
      first: "Busy processors, a slow database, or no free worker? The dashboard BookStack shows it.",
    },
    {
      name: "WikiWorkersTaken",
      severity: "warning",
      expression: 'bookstack_apache_workers{state="busy"} >= on (job, instance) (bookstack_apache_workers_limit - 2)',
      metric: "Concurrent connections",
      summary: "Every worker of the wiki is busy: requests wait",
      first: "The dashboard BookStack shows what holds them: a slow database, or an export. If it is users, increase wiki.cpus and wiki.memory and deploy.",
    },
  ];
}

function outbound({ window }: AlertSettings): Alert[] {
  const w = seconds(window);
  return [
    {
      name: "WikiMailFails",
      severity: "warning",
      expression: `sum by (job) (${counted('bookstack_mails_total{result="failed"}', w)}) > 0`,
      lasts: Duration.seconds(0),
      summary: `${count()} notifications of the wiki could not be sent`,
      first: `Send a test mail in the wiki's settings; read ${LOG} and docker logs --tail 100 ${containerName("egress")}: server, password, certificate?`,
    },
    {
      name: "WikiWebhooksFail",
      severity: "warning",
      expression: `sum by (job) (${counted('bookstack_webhooks_total{result="failed"}', w)}) > 0`,
      lasts: Duration.seconds(0),
      summary: `${count()} calls of the wiki's webhooks failed`,
      first: "The wiki's settings show the last error of each webhook; is its host in wiki.webhooks?",
    },
  ];
}
