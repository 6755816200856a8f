import { containerMemory, containerProcessors } from "../common-panels";
import type { Dashboard, DashboardSettings } from "../dashboard";
import { ANY_IS_CRITICAL, type Panel, type State, warning } from "../panel";
import { CONTAINERS_AGE, containers, containersOld, type Source } from "../source";

/** The containers of this environment. */
export const dashboard: Dashboard = {
  id: "docker",
  title: "Docker",
  about: "The containers of this environment. Replaces dashboard 893 or 14282, often cited as 7362.",
  rows: (settings) => {
    const source = containers(settings.interval);
    return { Health: [...glance(settings, source), ...health(source)], "Memory and processors": memory(settings, source), Network: network(source) };
  },
};

// what runs without a word about its health is not known to be well
const STATE = "max by (container) (container_running + container_running * container_healthy or container_running)";
const STATES: readonly State[] = [
  { value: 0, text: "not running", color: "red" },
  { value: 1, text: "not healthy", color: "orange" },
  { value: 2, text: "healthy", color: "green" },
];

function glance({ interval, thresholds: { restarts } }: DashboardSettings, source: Source): Panel[] {
  const old = containersOld(interval);
  return [
    { title: "Running", kind: "stat", unit: "short", about: "Containers that run.", queries: [source.value("sum", "container_running")] },
    {
      title: "Not running",
      kind: "stat",
      unit: "short",
      steps: ANY_IS_CRITICAL,
      about: "Containers that do not run. Read the log of each, then deploy again.",
      queries: [source.value("sum", "container_running == bool 0")],
    },
    {
      title: "Unhealthy",
      kind: "stat",
      unit: "short",
      steps: ANY_IS_CRITICAL,
      about: "Containers that fail their health check. docker inspect shows the output of the check.",
      queries: [source.value("sum", "(container_healthy == bool 0) * container_running")],
    },
    {
      title: "Restarts, 24 h",
      kind: "stat",
      unit: "short",
      decimals: 0,
      steps: { worse: "above", yellow: 1, red: Math.max(2, 2 * restarts) },
      about: "Times that Docker started a container again because it ended, in the last 24 hours. Normal: 0.",
      queries: [source.count("sum", "round(increase(container_restarts_total[1d]))")],
    },
    {
      title: "OOM kills, 24 h",
      kind: "stat",
      unit: "short",
      decimals: 0,
      steps: ANY_IS_CRITICAL,
      about: "Processes in containers that the kernel killed because the container had used up its memory, in the last 24 hours. Normal: 0.",
      queries: [source.count("sum", "round(increase(container_oom_kills_total[1d]))")],
    },
    {
      title: "Age of the data",
      kind: "stat",
      unit: "s",
      decimals: 0,
      steps: { worse: "above", yellow: old / 2, red: old },
      about: `How old the measurements of the containers are. From ${old} s on they count as unknown: every panel here says No data. Read the log of container-metrics then.`,
      queries: [CONTAINERS_AGE],
    },
  ];
}

function health(source: Source): Panel[] {
  return [
    {
      title: "Container health",
      kind: "state-timeline",
      unit: "short",
      metric: "Container health",
      states: STATES,
      about: "State of each container. Green: it runs and its health check succeeds. A gap means that nothing is known.",
      queries: [source.series(STATE, "{{container}}")],
    },
    {
      title: "Containers",
      kind: "table",
      unit: "short",
      width: 24,
      height: 14,
      about: "One row for each container, the worst first. Exit code of the last end: 0 is a normal end, 137 a kill, often because of too little memory.",
      queries: [
        source.series(STATE),
        source.series("max by (container) (time() - container_start_time_seconds)"),
        source.series("max by (container) (container_restarts_total)"),
        source.series("max by (container) (container_exit_code)"),
        source.series("max by (container) (container_memory_limit_bytes)"),
      ],
      columns: [
        { field: "container", title: "Container" },
        { field: "Value #A", title: "State", states: STATES, filled: true },
        { field: "Value #B", title: "Running for", unit: "dtdurations", decimals: 0 },
        { field: "Value #C", title: "Restarts", unit: "short" },
        { field: "Value #D", title: "Last exit code", unit: "short" },
        { field: "Value #E", title: "Memory limit", unit: "bytes" },
      ],
      sort: [{ title: "State" }, { title: "Container" }],
    },
    {
      title: "Restart count",
      kind: "timeseries",
      unit: "short",
      width: 24,
      counts: true,
      metric: "Restart count",
      about: "Times that Docker started a container again because it ended, per bar (5 minutes or more).",
      queries: [source.series("round(increase(container_restarts_total[$__rate_interval]))", "{{container}}")],
    },
  ];
}

function memory(settings: DashboardSettings, source: Source): Panel[] {
  const { memoryPercent } = settings.thresholds;
  return [
    {
      title: "Memory limits, used share",
      kind: "timeseries",
      unit: "percentunit",
      softMax: 1,
      steps: warning(memoryPercent / 100),
      metric: "Memory limits",
      about: `Share of its memory limit that each container uses. At 100 % it is killed. The dashed line is memoryPercent, ${memoryPercent} %.`,
      queries: [source.series("container_memory_working_set_bytes / (container_memory_limit_bytes > 0)", "{{container}}")],
    },
    containerMemory("Memory", settings),
    containerProcessors("Processors", settings),
    {
      title: "Waiting for the processor limit",
      kind: "timeseries",
      unit: "percentunit",
      about: "Share of the time in which a container had to wait because it had used up its share of the processors (throttling).",
      queries: [source.series("rate(container_cpu_throttled_seconds_total[$__rate_interval])", "{{container}}")],
    },
  ];
}

function network(source: Source): Panel[] {
  const lost = ["receive_errors", "receive_dropped", "transmit_errors", "transmit_dropped"]
    .map((what) => `rate(container_network_${what}_total[$__rate_interval])`)
    .join(" + ");
  return [
    {
      title: "Network stats: received",
      kind: "timeseries",
      unit: "Bps",
      metric: "Network stats",
      about: "Bytes that each container receives per second. Containers on the network of the host (Grafana, node-exporter) are in the traffic of the host.",
      queries: [source.series("rate(container_network_receive_bytes_total[$__rate_interval])", "{{container}}")],
    },
    {
      title: "Network stats: sent",
      kind: "timeseries",
      unit: "Bps",
      about: "Bytes that each container sends per second.",
      queries: [source.series("rate(container_network_transmit_bytes_total[$__rate_interval])", "{{container}}")],
    },
    {
      title: "Network stats: errors and dropped packets",
      kind: "timeseries",
      unit: "pps",
      width: 24,
      about: "Packets per second that were lost, in either direction. Normal: 0.",
      queries: [source.series(lost, "{{container}}")],
    },
  ];
}
