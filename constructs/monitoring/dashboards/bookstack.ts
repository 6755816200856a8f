import { ACTIVE_USERS, ERRORS, REQUESTS, requestsByStatus, responseTime } from "../common-panels";
import type { Dashboard, DashboardSettings } from "../dashboard";
import { type Panel, YES_IS_GOOD } from "../panel";
import { TRAEFIK, WIKI } from "../source";

/** The wiki, as its readers feel it, and what is in it. */
export const dashboard: Dashboard = {
  id: "bookstack",
  title: "BookStack",
  about: "The wiki, as its readers feel it and as it sees itself, and what is in it.",
  rows: (settings) => ({ "At a glance": glance(), Requests: requests(settings), Inside: inside(), "In the wiki": content() }),
};

function glance(): Panel[] {
  return [
    {
      title: "Reads its database",
      kind: "stat",
      unit: "bool_yes_no",
      steps: YES_IS_GOOD,
      about: "Whether BookStack can read its database. No: every page is an error.",
      queries: [WIKI.value("min", "bookstack_database_up")],
    },
    {
      title: "Version",
      kind: "stat",
      unit: "short",
      text: "name",
      about: "Version of BookStack that is running.",
      queries: [WIKI.label("version", "bookstack_build_info")],
    },
    ACTIVE_USERS,
    { title: "Accounts", kind: "stat", unit: "short", about: "Accounts of people in the wiki.", queries: [WIKI.value("max", "bookstack_users")] },
    {
      title: "Pages",
      kind: "stat",
      unit: "short",
      about: "Pages outside the recycle bin.",
      queries: [WIKI.value("max", 'bookstack_entities{type="page"}')],
    },
    {
      title: "Default account",
      kind: "stat",
      unit: "bool_yes_no",
      steps: { worse: "above", red: 1 },
      about: "Whether the account admin@admin.com exists, whose password is publicly known. Yes: delete it at once.",
      queries: [WIKI.value("max", "bookstack_default_admin_present")],
    },
  ];
}

function requests(settings: DashboardSettings): Panel[] {
  const { errorPercent } = settings.thresholds;
  return [
    responseTime("Response time", settings, { metric: "Response time" }),
    requestsByStatus("HTTP status codes", { metric: "HTTP status codes" }),
    {
      title: "Error rate",
      kind: "timeseries",
      unit: "percentunit",
      steps: { worse: "above", red: errorPercent / 100 },
      metric: "Error rate",
      about: `Share of the wiki's responses that are server errors (5xx). The dashed line is errorPercent, ${errorPercent} %.`,
      queries: [TRAEFIK.count("sum", `sum(rate(${ERRORS}[$__rate_interval])) / (sum(rate(${REQUESTS}[$__rate_interval])) > 0)`, "errors")],
    },
    {
      title: "Request throughput",
      kind: "timeseries",
      unit: "reqps",
      metric: "Request throughput",
      about: "Requests to the wiki per second.",
      queries: [TRAEFIK.count("sum", `rate(${REQUESTS}[$__rate_interval])`, "requests")],
    },
  ];
}

function inside(): Panel[] {
  return [
    {
      title: "Concurrent connections",
      kind: "timeseries",
      unit: "short",
      metric: "Concurrent connections",
      about: "Apache workers that answer a request, and how many there may be. At the limit, requests wait.",
      queries: [WIKI.series('bookstack_apache_workers{state="busy"}', "busy"), WIKI.series("bookstack_apache_workers_limit", "limit")],
    },
    {
      title: "Time in PHP, average",
      kind: "timeseries",
      unit: "s",
      about: "Time that PHP needs for a request, on average. A gap means no request.",
      queries: [
        WIKI.events(
          "rate(bookstack_http_request_duration_seconds_sum[$__rate_interval]) / (rate(bookstack_http_request_duration_seconds_count[$__rate_interval]) > 0)",
          "a request",
        ),
      ],
    },
    {
      title: "Logins",
      kind: "timeseries",
      unit: "short",
      counts: true,
      about: "Sign-ins at the wiki per bar (5 minutes or more). Failed ones are rare: the portal checks passwords, the wiki only in break-glass mode.",
      queries: [
        WIKI.series("round(increase(bookstack_logins_total[$__rate_interval]))", "succeeded"),
        WIKI.series("round(increase(bookstack_failed_logins_total[$__rate_interval]))", "failed"),
      ],
    },
    {
      title: "Jobs in the queue",
      kind: "timeseries",
      unit: "short",
      about: "Background jobs of BookStack that wait or have failed. Waiting jobs should run within minutes.",
      queries: [WIKI.series("bookstack_queue_jobs", "{{state}}")],
    },
  ];
}

function content(): Panel[] {
  return [
    {
      title: "Content",
      kind: "timeseries",
      unit: "short",
      about: "Pages, chapters, books and shelves outside the recycle bin, images and attachments.",
      queries: [WIKI.series("bookstack_entities", "{{type}}"), WIKI.series("bookstack_images", "images"), WIKI.series("bookstack_attachments", "attachments")],
    },
    {
      title: "Activities",
      kind: "timeseries",
      unit: "short",
      about: "The eight most frequent entries of the audit log, since the wiki exists.",
      queries: [WIKI.events("topk(8, bookstack_activities)", "{{type}}")],
    },
  ];
}
