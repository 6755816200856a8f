import { type Alert, type AlertFamily, type AlertSettings, containerName, ENVIRONMENT } from "../alert";
import { ALERT_SOURCES, HOST_CHECKS_OLD, missing } from "../alert-sources";
import { above, count, counted, seconds } from "../promql";

/** Whole disks, without file systems in memory and the mounts of containers. */
const DISK = 'fstype!~"overlay|squashfs|ramfs"';

export const family: AlertFamily = {
  name: "host",
  title: "The host",
  alerts: (settings: AlertSettings) => [...hardware(settings), ...memory(settings), ...disks(settings), ...(settings.host ? hardening(settings) : [])],
};

function hardware({ window, thresholds: { cpuPercent, clockSeconds } }: AlertSettings): Alert[] {
  return [
    {
      name: "HostUnknown",
      severity: "critical",
      expression: missing(ALERT_SOURCES.host),
      summary: "Metrics of the host are missing: its disks, memory or clock are not watched",
      first: `Read docker logs --tail 50 ${containerName("node-exporter")}: it names what it cannot read. Then restart that container.`,
    },
    {
      name: "HostBusy",
      severity: "warning",
      expression: above("HostBusy", `100 * (1 - avg by (job) (rate(node_cpu_seconds_total{mode="idle"}[${seconds(window)}])))`, cpuPercent),
      metric: "CPU usage",
      summary: `The host's processors are busy for ${count()} % of the time`,
      first: "The dashboard Docker shows which container it is; if it is none, run top on the host.",
    },
    {
      name: "ClockWrong",
      severity: "warning",
      expression: `abs(node_timex_offset_seconds) > ${clockSeconds} or node_timex_sync_status == 0`,
      summary: "The clock of the host is not synchronized, or is off",
      first: "Run timedatectl on the host: one-time passwords are refused when the clock is off by half a minute.",
    },
  ];
}

function memory({ window, thresholds: { memoryPercent, swapPercent } }: AlertSettings): Alert[] {
  return [
    {
      name: "HostMemoryLow",
      severity: "critical",
      expression: above("HostMemoryLow", "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)", memoryPercent),
      metric: "Memory (RAM) consumption",
      summary: `${count()} % of the host's memory is used`,
      first: "The dashboard Docker shows which container it is; if it is none, run top on the host.",
    },
    {
      name: "HostSwapping",
      severity: "warning",
      expression: above("HostSwapping", "100 * (1 - node_memory_SwapFree_bytes / (node_memory_SwapTotal_bytes > 0))", swapPercent),
      metric: "Swap usage",
      summary: `${count()} % of the host's swap is used`,
      first: "Find what uses the memory: run top on the host. Containers of this wiki never swap.",
    },
    {
      name: "HostOutOfMemory",
      severity: "critical",
      expression: `increase(node_vmstat_oom_kill[${seconds(window)}]) > 0`,
      metric: "Memory (RAM) consumption",
      summary: "A process on the host was killed: out of memory",
      first: "Run dmesg on the host to see which; if it was in a container, another alert names it.",
    },
  ];
}

function disks({ thresholds: { diskPercent, diskHours } }: AlertSettings): Alert[] {
  const used = `100 * (1 - node_filesystem_avail_bytes{${DISK}} / (node_filesystem_size_bytes{${DISK}} > 0))`;
  const inodes = `100 * (1 - node_filesystem_files_free{${DISK}} / (node_filesystem_files{${DISK}} > 0))`;
  return [
    {
      name: "DiskFull",
      severity: "critical",
      expression: `(${above("DiskFull", used, diskPercent)}) unless node_filesystem_readonly{${DISK}} == 1`,
      metric: "Disk I/O",
      summary: `The disk {{ $labels.mountpoint }} is ${count()} % full`,
      first: "Free space: docker image prune, old backups, logs (npm run rotate-logs). A database without space stops.",
    },
    {
      name: "DiskFillsUp",
      severity: "warning",
      // only what is half full, and was looked at for an hour
      expression: `predict_linear(node_filesystem_avail_bytes{${DISK}}[6h], ${diskHours * 3600}) < 0 and ${used} > 50 and node_filesystem_avail_bytes{${DISK}} offset 1h`,
      metric: "Disk I/O",
      summary: `The disk {{ $labels.mountpoint }} will be full within ${diskHours} hours at the present rate`,
      first: "Find what grows: docker system df, du -x.",
    },
    {
      name: "DiskWithoutInodes",
      severity: "critical",
      expression: above("DiskWithoutInodes", inodes, diskPercent),
      summary: `The disk {{ $labels.mountpoint }} holds ${count()} % of the files that it can`,
      first: "Find the directory with very many small files and empty it: du --inodes -x.",
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
      summary: `The firewall dropped ${count()} packets`,
      first: "Nothing, unless users are affected; CrowdSec and Fail2Ban ban attackers. The kernel log (UFW BLOCK) names the addresses.",
    },
    {
      name: "HostDrift",
      severity: "warning",
      expression: "host_step_drift == 1",
      summary: "The host differs from its configuration: {{ $labels.part }}",
      first: `See what differs: npm run host -- ${ENVIRONMENT}. Fix it: npm run host -- ${ENVIRONMENT} --apply.`,
    },
    {
      name: "HostChecksOld",
      severity: "warning",
      expression: `(time() - host_checks_last_run_timestamp_seconds > ${HOST_CHECKS_OLD}) or (absent(host_checks_last_run_timestamp_seconds) == 1)`,
      job: ALERT_SOURCES.hostChecks.job,
      summary: "The host has not been checked against its configuration for two hours",
      first: "Run systemctl status bookstack-checks.timer bookstack-checks.service on the host.",
    },
    {
      name: "HostChecksUnknown",
      severity: "warning",
      expression: missing(ALERT_SOURCES.hostChecks),
      summary: "The checks of the host do not say all that they should: firewall, Fail2Ban or updates are not known",
      first: "Run systemctl status fail2ban, ufw status and apt-get update on the host; journalctl -u bookstack-checks says what failed.",
    },
    {
      name: "RebootNeeded",
      severity: "warning",
      expression: "host_reboot_required == 1",
      summary: "Reboot required by an update",
      first: "Reboot the host at a quiet time; the containers restart automatically.",
    },
    {
      name: "UpdatesPending",
      severity: "warning",
      expression: "min_over_time(host_security_updates_pending[1d]) > 0 and host_security_updates_pending offset 1d",
      summary: `${count()} security updates have been waiting for a day`,
      first: "Run systemctl status unattended-upgrades on the host, or apt upgrade.",
    },
  ];
}
