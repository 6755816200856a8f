import type { Dashboard, Panel } from "../dashboard";
import { orZero } from "../promql";

/** The containers of this environment. */
export const dashboard: Dashboard = {
  id: "docker",
  title: "Docker",
  about: "The containers of this environment. Stands in for what was meant by 7362, Docker (which is 893 or 14282).",
  rows: () => ({ Health: health(), "Memory and processors": memory(), Network: network() }),
};

function health(): Panel[] {
  return [
    { title: "Run", kind: "stat", unit: "short", queries: [{ expr: "sum(container_running)" }] },
    { title: "Do not run", kind: "stat", unit: "short", steps: [1, 2], queries: [{ expr: orZero("count(container_running == 0)") }] },
    { title: "Do not do their work", kind: "stat", unit: "short", steps: [1, 2], queries: [{ expr: orZero("count(container_healthy == 0)") }] },
    { title: "Restarts in a day", kind: "stat", unit: "short", steps: [1, 5], queries: [{ expr: orZero("sum(increase(container_restarts_total[1d]))") }] },
    {
      title: "Killed for want of memory, in a day",
      kind: "stat",
      unit: "short",
      steps: [1, 2],
      queries: [{ expr: orZero("sum(increase(container_oom_kills_total[1d]))") }],
    },
    {
      title: "Age of what is seen",
      kind: "stat",
      unit: "s",
      steps: [60, 120],
      queries: [{ expr: 'time() - node_textfile_mtime_seconds{file=~".*/containers[.]prom"}' }],
    },
    {
      title: "Container health",
      kind: "timeseries",
      unit: "bool_yes_no",
      metric: "Container health",
      about: "Yes: it runs, and its health check succeeds.",
      queries: [{ expr: "container_running * on (container) group_left () (container_healthy or container_running)", legend: "{{container}}" }],
    },
    {
      title: "Restart count",
      kind: "timeseries",
      unit: "short",
      metric: "Restart count",
      about: "Times that Docker started it again, since it was made.",
      queries: [{ expr: "container_restarts_total", legend: "{{container}}" }],
    },
    { title: "Up since", kind: "table", unit: "s", queries: [{ expr: "time() - container_start_time_seconds" }] },
    { title: "How it ended last", kind: "table", unit: "short", about: "Exit code: 0 is well, 137 was killed.", queries: [{ expr: "container_exit_code" }] },
  ];
}

function memory(): Panel[] {
  return [
    {
      title: "Memory limits, how much of them is used",
      kind: "timeseries",
      unit: "percentunit",
      steps: [0.8, 0.9],
      metric: "Memory limits",
      queries: [{ expr: "container_memory_working_set_bytes / container_memory_limit_bytes", legend: "{{container}}" }],
    },
    { title: "Memory", kind: "timeseries", unit: "bytes", stacked: true, queries: [{ expr: "container_memory_working_set_bytes", legend: "{{container}}" }] },
    {
      title: "Processors",
      kind: "timeseries",
      unit: "short",
      stacked: true,
      queries: [{ expr: "rate(container_cpu_seconds_total[$__rate_interval])", legend: "{{container}}" }],
    },
    {
      title: "Time spent waiting for a share of the processors",
      kind: "timeseries",
      unit: "percentunit",
      queries: [{ expr: "rate(container_cpu_throttled_seconds_total[$__rate_interval])", legend: "{{container}}" }],
    },
    { title: "Limits", kind: "table", unit: "bytes", queries: [{ expr: "container_memory_limit_bytes" }] },
  ];
}

function network(): Panel[] {
  return [
    {
      title: "Network stats: received",
      kind: "timeseries",
      unit: "Bps",
      metric: "Network stats",
      about: "Containers on the host's own network are part of the host's traffic.",
      queries: [{ expr: "rate(container_network_receive_bytes_total[$__rate_interval])", legend: "{{container}}" }],
    },
    {
      title: "Network stats: sent",
      kind: "timeseries",
      unit: "Bps",
      queries: [{ expr: "rate(container_network_transmit_bytes_total[$__rate_interval])", legend: "{{container}}" }],
    },
    {
      title: "Network stats: errors and lost packets",
      kind: "timeseries",
      unit: "pps",
      queries: [
        {
          expr: "rate(container_network_receive_errors_total[$__rate_interval]) + rate(container_network_receive_dropped_total[$__rate_interval]) + rate(container_network_transmit_errors_total[$__rate_interval]) + rate(container_network_transmit_dropped_total[$__rate_interval])",
          legend: "{{container}}",
        },
      ],
    },
  ];
}
