import type { Dashboard, Panel } from "../dashboard";
import { orZero } from "../promql";

const WIKI = 'service="bookstack@file"';
const REQUESTS = `traefik_router_requests_total{${WIKI}}`;
const ERRORS = `traefik_router_requests_total{${WIKI},code=~"5.."}`;

/** The wiki, as its readers feel it, and what is in it. */
export const dashboard: Dashboard = {
  id: "bookstack",
  title: "BookStack",
  about: "The wiki, as its readers feel it and as it sees itself, and what is in it.",
  rows: () => ({ "At a glance": glance(), Requests: requests(), "From within": within(), Content: content() }),
};

function glance(): Panel[] {
  return [
    { title: "Reads its database", kind: "stat", unit: "bool_yes_no", steps: [1, 0.5], queries: [{ expr: "bookstack_database_up" }] },
    { title: "Version", kind: "stat", unit: "short", queries: [{ expr: "bookstack_build_info", legend: "{{version}}" }] },
    { title: "People, in the last 5 minutes", kind: "stat", unit: "short", queries: [{ expr: orZero("bookstack_sessions_active") }] },
    { title: "Accounts", kind: "stat", unit: "short", queries: [{ expr: "bookstack_users" }] },
    { title: "Pages", kind: "stat", unit: "short", queries: [{ expr: 'bookstack_entities{type="page"}' }] },
    { title: "Stock account is there", kind: "stat", unit: "bool_yes_no", steps: [0.5, 1], queries: [{ expr: "bookstack_default_admin_present" }] },
  ];
}

function requests(): Panel[] {
  return [
    {
      title: "Response time",
      kind: "timeseries",
      unit: "s",
      metric: "Response time",
      queries: [
        { expr: "wiki:response_seconds:p50", legend: "half of all" },
        { expr: "wiki:response_seconds:p95", legend: "19 of 20" },
      ],
    },
    {
      title: "HTTP status codes",
      kind: "timeseries",
      unit: "reqps",
      stacked: true,
      metric: "HTTP status codes",
      queries: [{ expr: orZero(`sum by (code) (rate(${REQUESTS}[$__rate_interval]))`), legend: "{{code}}" }],
    },
    {
      title: "Error rate",
      kind: "timeseries",
      unit: "percentunit",
      steps: [0.01, 0.05],
      metric: "Error rate",
      queries: [{ expr: orZero(`sum(rate(${ERRORS}[$__rate_interval])) / (sum(rate(${REQUESTS}[$__rate_interval])) > 0)`), legend: "errors" }],
    },
    {
      title: "Request throughput",
      kind: "timeseries",
      unit: "reqps",
      metric: "Request throughput",
      queries: [{ expr: orZero(`sum(rate(${REQUESTS}[$__rate_interval]))`), legend: "requests" }],
    },
  ];
}

function within(): Panel[] {
  return [
    {
      title: "Concurrent connections",
      kind: "timeseries",
      unit: "short",
      metric: "Concurrent connections",
      about: "Workers of the wiki that answer somebody, and how many there may be.",
      queries: [
        { expr: 'bookstack_apache_workers{state="busy"}', legend: "at work" },
        { expr: "bookstack_apache_workers_limit", legend: "at most" },
      ],
    },
    {
      title: "Time in PHP, on average",
      kind: "timeseries",
      unit: "s",
      queries: [
        {
          expr: orZero(
            "rate(bookstack_http_request_duration_seconds_sum[$__rate_interval]) / (rate(bookstack_http_request_duration_seconds_count[$__rate_interval]) > 0)",
          ),
          legend: "a request",
        },
      ],
    },
    {
      title: "Log-ins",
      kind: "timeseries",
      unit: "ops",
      queries: [
        { expr: "rate(bookstack_logins_total[$__rate_interval])", legend: "succeeded" },
        { expr: "rate(bookstack_failed_logins_total[$__rate_interval])", legend: "failed" },
      ],
    },
    { title: "Work that waits", kind: "timeseries", unit: "short", queries: [{ expr: "bookstack_queue_jobs", legend: "{{state}}" }] },
  ];
}

function content(): Panel[] {
  return [
    {
      title: "What is in it",
      kind: "timeseries",
      unit: "short",
      queries: [
        { expr: "bookstack_entities", legend: "{{type}}" },
        { expr: "bookstack_images", legend: "images" },
        { expr: "bookstack_attachments", legend: "attachments" },
      ],
    },
    { title: "What people do", kind: "timeseries", unit: "short", queries: [{ expr: orZero("topk(8, bookstack_activities)"), legend: "{{type}}" }] },
  ];
}
