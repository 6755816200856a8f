import { DISK } from "../common-panels";
import type { Dashboard, DashboardSettings } from "../dashboard";
import { ANY_IS_CRITICAL, critical, type Panel, warning } from "../panel";
import { HOST } from "../source";

/** Physical devices: bridges and veth devices would count the same traffic again. */
const DEVICE = 'device!~"lo|docker.*|br-.*|bs-.*|veth.*"';

/** The Docker host. */
export const dashboard: Dashboard = {
  id: "node",
  title: "Node",
  about: "The Docker host: CPUs, memory, disks, network. Replaces dashboard 1860, Node Exporter Full.",
  rows: (settings) => ({
    "At a glance": glance(),
    "Processors and memory": [...processors(settings), ...memory(settings)],
    Disks: disks(settings),
    Network: network(),
    Clock: clock(settings),
  }),
};

function glance(): Panel[] {
  return [
    {
      title: "Uptime",
      kind: "stat",
      unit: "dtdurations",
      decimals: 1,
      about: "Time since the host was started.",
      queries: [HOST.value("max", "time() - node_boot_time_seconds")],
    },
    {
      title: "Processors",
      kind: "stat",
      unit: "short",
      about: "Processors of the host.",
      queries: [HOST.value("count", 'node_cpu_seconds_total{mode="idle"}')],
    },
    { title: "Memory", kind: "stat", unit: "bytes", about: "Memory of the host.", queries: [HOST.value("max", "node_memory_MemTotal_bytes")] },
    {
      title: "Load per processor",
      kind: "stat",
      unit: "percentunit",
      steps: { worse: "above", yellow: 1, red: 2 },
      about: "Processes that run or wait, on average over five minutes, for each processor. Above 100 %, some wait.",
      queries: [HOST.value("max", 'node_load5 / on (job, instance) count by (job, instance) (node_cpu_seconds_total{mode="idle"})')],
    },
    {
      title: "Open files",
      kind: "stat",
      unit: "short",
      about: "Files that are open on the whole host. With systemd there is no limit of practical use.",
      queries: [HOST.value("max", "node_filefd_allocated")],
    },
    {
      title: "OOM kills, 24 h",
      kind: "stat",
      unit: "short",
      decimals: 0,
      steps: ANY_IS_CRITICAL,
      about: "Processes that the kernel killed because of too little memory in the last 24 hours, including those in containers. dmesg names them.",
      queries: [HOST.value("sum", "round(increase(node_vmstat_oom_kill[1d]))")],
    },
  ];
}

function processors({ thresholds: { cpuPercent } }: DashboardSettings): Panel[] {
  return [
    {
      title: "CPU usage",
      kind: "timeseries",
      unit: "percentunit",
      stacked: true,
      softMax: 1,
      steps: warning(cpuPercent / 100),
      metric: "CPU usage",
      about: `What the processors are busy with, stacked. The dashed line is cpuPercent, ${cpuPercent} %.`,
      queries: [
        HOST.series(
          'sum by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[$__rate_interval])) / scalar(count(node_cpu_seconds_total{mode="idle"}))',
          "{{mode}}",
        ),
      ],
    },
    {
      title: "Load",
      kind: "timeseries",
      unit: "short",
      about: "Processes that run or wait, on average. Above the number of processors, some wait.",
      queries: [HOST.series("node_load1", "1 minute"), HOST.series("node_load5", "5 minutes"), HOST.series("node_load15", "15 minutes")],
    },
    {
      title: "Processes",
      kind: "timeseries",
      unit: "short",
      about: "Processes that run, and that wait for a disk. Many that wait: the disk is the bottleneck.",
      queries: [HOST.series("node_procs_running", "running"), HOST.series("node_procs_blocked", "waiting for a disk")],
    },
  ];
}

function memory({ thresholds: { swapPercent } }: DashboardSettings): Panel[] {
  return [
    {
      title: "Memory (RAM) consumption",
      kind: "timeseries",
      unit: "bytes",
      stacked: true,
      metric: "Memory (RAM) consumption",
      about: "Used memory, caches that the kernel can give back, and free memory, stacked.",
      queries: [
        HOST.series("node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes", "used"),
        HOST.series("node_memory_MemAvailable_bytes - node_memory_MemFree_bytes", "caches"),
        HOST.series("node_memory_MemFree_bytes", "free"),
      ],
    },
    {
      title: "Swap usage",
      kind: "timeseries",
      unit: "bytes",
      metric: "Swap usage",
      about: `Used swap, and how much there is. An alert comes from ${swapPercent} % on (swapPercent). Containers of this wiki never swap.`,
      queries: [HOST.series("node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes", "used"), HOST.series("node_memory_SwapTotal_bytes", "total")],
    },
    {
      title: "Pages swapped in and out",
      kind: "timeseries",
      unit: "ops",
      about: "Pages per second between memory and swap. Much of it for long means that memory is too small.",
      queries: [HOST.series("rate(node_vmstat_pswpin[$__rate_interval])", "in"), HOST.series("rate(node_vmstat_pswpout[$__rate_interval])", "out")],
    },
  ];
}

function disks({ thresholds: { diskPercent } }: DashboardSettings): Panel[] {
  return [
    {
      title: "Disks, used share",
      kind: "timeseries",
      unit: "percentunit",
      softMax: 1,
      steps: critical(diskPercent / 100),
      about: `Share of each disk that is used. The upper dashed line is diskPercent, ${diskPercent} %. A database without room stops.`,
      queries: [HOST.series(`1 - node_filesystem_avail_bytes{${DISK}} / (node_filesystem_size_bytes{${DISK}} > 0)`, "{{mountpoint}}")],
    },
    {
      title: "Disks, free space",
      kind: "timeseries",
      unit: "bytes",
      about: "Free space of each disk.",
      queries: [HOST.series(`node_filesystem_avail_bytes{${DISK}}`, "{{mountpoint}}")],
    },
    {
      title: "Disk I/O",
      kind: "timeseries",
      unit: "Bps",
      metric: "Disk I/O",
      about: "Bytes per second that are read from and written to each disk.",
      queries: [
        HOST.series("rate(node_disk_read_bytes_total[$__rate_interval])", "{{device}} read"),
        HOST.series("rate(node_disk_written_bytes_total[$__rate_interval])", "{{device}} written"),
      ],
    },
    {
      title: "Disks, busy share",
      kind: "timeseries",
      unit: "percentunit",
      softMax: 1,
      about: "Share of the time in which each disk had something to do. Near 100 % for long, everything waits for it.",
      queries: [HOST.series("rate(node_disk_io_time_seconds_total[$__rate_interval])", "{{device}}")],
    },
  ];
}

function network(): Panel[] {
  const perDevice = (what: string) =>
    `sum by (device) (rate(node_network_receive_${what}_total{${DEVICE}}[$__rate_interval]) + rate(node_network_transmit_${what}_total{${DEVICE}}[$__rate_interval]))`;
  return [
    {
      title: "Network traffic",
      kind: "timeseries",
      unit: "Bps",
      metric: "Network traffic",
      about: "Bytes per second over each physical device. Docker's bridges are excluded: the dashboard Docker shows each container.",
      queries: [
        HOST.events(`rate(node_network_receive_bytes_total{${DEVICE}}[$__rate_interval])`, "{{device}} in"),
        HOST.events(`rate(node_network_transmit_bytes_total{${DEVICE}}[$__rate_interval])`, "{{device}} out"),
      ],
    },
    {
      title: "Network errors and dropped packets",
      kind: "timeseries",
      unit: "pps",
      about: "Packets per second that were lost on each device. Some dropped packets are normal on a busy network.",
      queries: [HOST.events(perDevice("errs"), "{{device}} errors"), HOST.events(perDevice("drop"), "{{device}} dropped")],
    },
  ];
}

function clock({ thresholds: { clockSeconds } }: DashboardSettings): Panel[] {
  return [
    {
      title: "Clock synchronized",
      kind: "stat",
      unit: "bool_yes_no",
      width: 6,
      height: 8,
      steps: { worse: "below", yellow: 1 },
      about: "Whether a time server sets the clock of the host. No: one-time codes are refused once the clock is off by half a minute.",
      queries: [HOST.value("min", "node_timex_sync_status")],
    },
    {
      title: "Clock offset",
      kind: "timeseries",
      unit: "s",
      width: 18,
      signed: true,
      about: `How far the clock is off, as the kernel estimates it. An alert comes from ${clockSeconds} s on (clockMs).`,
      queries: [HOST.series("node_timex_offset_seconds", "offset")],
    },
  ];
}
