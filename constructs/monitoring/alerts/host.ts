import type { Alert, AlertFamily, AlertSettings } from "../alert";
import { counted, seconds } from "../promql";

/** Whole disks: what is in memory and the many views of containers are no disks of their own. */
const DISK = 'fstype!~"overlay|squashfs|ramfs"';

export const family: AlertFamily = {
  name: "host",
  title: "The host",
  alerts: (settings: AlertSettings) => [...hardware(settings), ...disks(settings), ...(settings.host ? hardening(settings) : [])],
};

function hardware({ window, thresholds: { cpuPercent, memoryPercent, swapPercent, clockSeconds } }: AlertSettings): Alert[] {
  return [
    {
      name: "HostBusy",
      severity: "warning",
      expression: `100 * (1 - avg by (job) (rate(node_cpu_seconds_total{mode="idle"}[${seconds(window)}]))) > ${cpuPercent}`,
      metric: "CPU usage",
      summary: "The processors are busy for {{ $value | humanize }} % of the time",
      first: "The dashboard Docker shows which container it is; if none is, look at the host with top.",
    },
    {
      name: "HostMemoryLow",
      severity: "critical",
      expression: `100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) > ${memoryPercent}`,
      metric: "Memory (RAM) consumption",
      summary: "{{ $value | humanize }} % of the host's memory is taken",
      first: "The dashboard Docker shows which container it is; what else runs on the host?",
    },
    {
      name: "HostSwapping",
      severity: "warning",
      expression: `100 * (1 - node_memory_SwapFree_bytes / (node_memory_SwapTotal_bytes > 0)) > ${swapPercent}`,
      metric: "Swap usage",
      summary: "{{ $value | humanize }} % of the host's swap is used",
      first: "Memory is too little for what runs; containers of this wiki never swap.",
    },
    {
      name: "ClockWrong",
      severity: "warning",
      expression: `abs(node_timex_offset_seconds) > ${clockSeconds} or node_timex_sync_status == 0`,
      summary: "The clock of the host is not set by a time server, or is off",
      first: "Look at timedatectl: one-time codes are refused when the clock is off by half a minute.",
    },
    {
      name: "HostOutOfMemory",
      severity: "critical",
      expression: `increase(node_vmstat_oom_kill[${seconds(window)}]) > 0`,
      metric: "Memory (RAM) consumption",
      summary: "Something on the host was killed for want of memory",
      first: "dmesg says what it was; if it was in a container, another alert names it.",
    },
  ];
}

function disks({ thresholds: { diskPercent, diskHours } }: AlertSettings): Alert[] {
  const used = `100 * (1 - node_filesystem_avail_bytes{${DISK}} / (node_filesystem_size_bytes{${DISK}} > 0))`;
  return [
    {
      name: "DiskFull",
      severity: "critical",
      expression: `${used} > ${diskPercent} unless node_filesystem_readonly{${DISK}} == 1`,
      metric: "Disk I/O",
      summary: "{{ $labels.mountpoint }} is {{ $value | humanize }} % full",
      first: "Make room: docker image prune, old backups, logs. A database without room stops.",
    },
    {
      name: "DiskFillsUp",
      severity: "warning",
      // only what is half full, and was looked at for an hour
      expression: `predict_linear(node_filesystem_avail_bytes{${DISK}}[6h], ${diskHours * 3600}) < 0 and ${used} > 50 and node_filesystem_avail_bytes{${DISK}} offset 1h`,
      metric: "Disk I/O",
      summary: `{{ $labels.mountpoint }} is full in ${diskHours} hours if it goes on like this`,
      first: "Find what grows: docker system df, du -x.",
    },
    {
      name: "DiskWithoutInodes",
      severity: "critical",
      expression: `100 * (1 - node_filesystem_files_free{${DISK}} / (node_filesystem_files{${DISK}} > 0)) > ${diskPercent}`,
      summary: "{{ $labels.mountpoint }} holds nearly as many files as it can",
      first: "Find the directory with very many small files, and empty it.",
    },
  ];
}

/** What the steps that harden the host see. */
function hardening({ window, thresholds: { firewallBlocks } }: AlertSettings): Alert[] {
  return [
    {
      name: "FirewallBusy",
      severity: "warning",
      expression: `sum by (job) (${counted("host_firewall_blocks_total", seconds(window))}) > ${firewallBlocks}`,
      metric: "Firewall blocks",
      summary: "The firewall turned {{ $value | humanize }} packets away",
      first: "Look at the kernel's log for UFW BLOCK: one address, or many? CrowdSec and Fail2Ban ban by themselves.",
    },
    {
      name: "HostDrift",
      severity: "warning",
      expression: "host_step_drift == 1",
      summary: "The host is not as it was set up: {{ $labels.step }}",
      first: "Somebody changed it by hand; deploy again to set it right.",
    },
    {
      name: "HostChecksOld",
      severity: "warning",
      expression: "(time() - host_checks_last_run_timestamp_seconds > 7200) or (absent(host_checks_last_run_timestamp_seconds) == 1)",
      job: "node-exporter",
      summary: "The host has not been compared with its settings for two hours",
      first: "Look at the timer on the host: systemctl list-timers.",
    },
    {
      name: "RebootNeeded",
      severity: "warning",
      expression: "host_reboot_required == 1",
      summary: "The host wants to be restarted: an update waits for it",
      first: "Restart it at a quiet time; the containers come back by themselves.",
    },
    {
      name: "UpdatesPending",
      severity: "warning",
      expression: "min_over_time(host_security_updates_pending[1d]) > 0 and host_security_updates_pending offset 1d",
      summary: "{{ $value | humanize }} security updates have been waiting for a day",
      first: "Look at unattended-upgrades on the host, or run apt upgrade.",
    },
  ];
}
