import type { Dashboard, Panel } from "../dashboard";
import { orZero } from "../promql";

const DISK = 'fstype!~"overlay|squashfs|ramfs"';

/** The Docker host. */
export const dashboard: Dashboard = {
  id: "node",
  title: "Node",
  about: "The Docker host: processors, memory, disks, network. Stands in for 1860, Node Exporter Full.",
  rows: () => ({ "At a glance": glance(), "Processors and memory": processors(), Disks: disks(), Network: network(), Clock: clock() }),
};

function glance(): Panel[] {
  return [
    { title: "Up since", kind: "stat", unit: "s", queries: [{ expr: "time() - node_boot_time_seconds" }] },
    { title: "Processors", kind: "stat", unit: "short", queries: [{ expr: 'count(node_cpu_seconds_total{mode="idle"})' }] },
    { title: "Memory", kind: "stat", unit: "bytes", queries: [{ expr: "node_memory_MemTotal_bytes" }] },
    {
      title: "Load, of one per processor",
      kind: "stat",
      unit: "percentunit",
      steps: [1, 2],
      queries: [{ expr: 'node_load5 / on (job, instance) count by (job, instance) (node_cpu_seconds_total{mode="idle"})' }],
    },
    {
      title: "Open files, of those allowed",
      kind: "stat",
      unit: "percentunit",
      steps: [0.7, 0.9],
      queries: [{ expr: "node_filefd_allocated / node_filefd_maximum" }],
    },
    { title: "Killed for want of memory", kind: "stat", unit: "short", steps: [1, 2], queries: [{ expr: "node_vmstat_oom_kill" }] },
  ];
}

function processors(): Panel[] {
  return [
    {
      title: "CPU usage",
      kind: "timeseries",
      unit: "percentunit",
      stacked: true,
      metric: "CPU usage",
      queries: [
        {
          expr: 'sum by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[$__rate_interval])) / scalar(count(node_cpu_seconds_total{mode="idle"}))',
          legend: "{{mode}}",
        },
      ],
    },
    {
      title: "Load",
      kind: "timeseries",
      unit: "short",
      queries: [
        { expr: "node_load1", legend: "1 minute" },
        { expr: "node_load5", legend: "5 minutes" },
        { expr: "node_load15", legend: "15 minutes" },
      ],
    },
    {
      title: "Memory (RAM) consumption",
      kind: "timeseries",
      unit: "bytes",
      stacked: true,
      metric: "Memory (RAM) consumption",
      queries: [
        { expr: "node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes", legend: "taken" },
        { expr: "node_memory_MemAvailable_bytes - node_memory_MemFree_bytes", legend: "caches" },
        { expr: "node_memory_MemFree_bytes", legend: "free" },
      ],
    },
    {
      title: "Swap usage",
      kind: "timeseries",
      unit: "bytes",
      metric: "Swap usage",
      queries: [
        { expr: "node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes", legend: "used" },
        { expr: "node_memory_SwapTotal_bytes", legend: "there is" },
      ],
    },
    {
      title: "Pages swapped in and out",
      kind: "timeseries",
      unit: "ops",
      queries: [
        { expr: "rate(node_vmstat_pswpin[$__rate_interval])", legend: "in" },
        { expr: "rate(node_vmstat_pswpout[$__rate_interval])", legend: "out" },
      ],
    },
    {
      title: "Processes",
      kind: "timeseries",
      unit: "short",
      queries: [
        { expr: "node_procs_running", legend: "running" },
        { expr: "node_procs_blocked", legend: "waiting for a disk" },
      ],
    },
  ];
}

function disks(): Panel[] {
  return [
    {
      title: "Disks, how full",
      kind: "timeseries",
      unit: "percentunit",
      steps: [0.8, 0.9],
      queries: [{ expr: `1 - node_filesystem_avail_bytes{${DISK}} / (node_filesystem_size_bytes{${DISK}} > 0)`, legend: "{{mountpoint}}" }],
    },
    { title: "Room that is left", kind: "timeseries", unit: "bytes", queries: [{ expr: `node_filesystem_avail_bytes{${DISK}}`, legend: "{{mountpoint}}" }] },
    {
      title: "Disk I/O",
      kind: "timeseries",
      unit: "Bps",
      metric: "Disk I/O",
      queries: [
        { expr: "rate(node_disk_read_bytes_total[$__rate_interval])", legend: "{{device}} read" },
        { expr: "rate(node_disk_written_bytes_total[$__rate_interval])", legend: "{{device}} written" },
      ],
    },
    {
      title: "Disks, how busy",
      kind: "timeseries",
      unit: "percentunit",
      queries: [{ expr: "rate(node_disk_io_time_seconds_total[$__rate_interval])", legend: "{{device}}" }],
    },
  ];
}

function network(): Panel[] {
  return [
    {
      title: "Network traffic",
      kind: "timeseries",
      unit: "Bps",
      metric: "Network traffic",
      queries: [
        { expr: "rate(node_network_receive_bytes_total[$__rate_interval])", legend: "{{device}} in" },
        { expr: "rate(node_network_transmit_bytes_total[$__rate_interval])", legend: "{{device}} out" },
      ],
    },
    {
      title: "Network errors and lost packets",
      kind: "timeseries",
      unit: "pps",
      queries: [
        {
          expr: "sum by (device) (rate(node_network_receive_errs_total[$__rate_interval]) + rate(node_network_transmit_errs_total[$__rate_interval]))",
          legend: "{{device}} errors",
        },
        {
          expr: "sum by (device) (rate(node_network_receive_drop_total[$__rate_interval]) + rate(node_network_transmit_drop_total[$__rate_interval]))",
          legend: "{{device}} lost",
        },
      ],
    },
  ];
}

function clock(): Panel[] {
  return [
    { title: "Clock, off by", kind: "timeseries", unit: "s", queries: [{ expr: orZero("node_timex_offset_seconds"), legend: "off by" }] },
    { title: "Clock set by a time server", kind: "stat", unit: "bool_yes_no", queries: [{ expr: orZero("node_timex_sync_status") }] },
  ];
}
