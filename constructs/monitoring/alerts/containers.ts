import { Duration } from "../../core/duration";
import type { AlertFamily, AlertSettings } from "../alert";
import { seconds } from "../promql";

export const family: AlertFamily = {
  name: "containers",
  title: "Containers",
  alerts: ({ window, thresholds: { memoryPercent, restarts } }: AlertSettings) => [
    {
      name: "ContainerDown",
      severity: "critical",
      expression: "container_running == 0",
      metric: "Container health",
      summary: "{{ $labels.container }} does not run",
      first: "Read its last lines with docker logs, then deploy again; never leave one stopped.",
    },
    {
      name: "ContainerUnhealthy",
      severity: "critical",
      expression: "container_healthy == 0 and container_running == 1",
      metric: "Container health",
      summary: "{{ $labels.container }} runs, and does not do its work",
      first: "docker inspect shows what its health check said; read its log; docker restart it.",
    },
    {
      name: "ContainerRestarting",
      severity: "warning",
      expression: `increase(container_restarts_total[${seconds(window)}]) >= ${restarts}`,
      lasts: Duration.seconds(0),
      metric: "Restart count",
      summary: "{{ $labels.container }} ended and was started again {{ $value | humanize }} times",
      first: "Read its log around the restarts: does something it needs fail, or is its memory too little?",
    },
    {
      name: "ContainerOutOfMemory",
      severity: "critical",
      // what is killed with its container leaves no count behind: the host's own count and a restart tell of it
      expression: `increase(container_oom_kills_total[${seconds(window)}]) > 0 or increase(container_restarts_total[${seconds(window)}]) > 0 and on (job) increase(node_vmstat_oom_kill[${seconds(window)}]) > 0`,
      lasts: Duration.seconds(0),
      metric: "Memory limits",
      summary: "A process of {{ $labels.container }} was killed for want of memory",
      first: "Raise its memory in the environment file, or find what takes so much.",
    },
    {
      name: "ContainerNearMemoryLimit",
      severity: "warning",
      expression: `100 * container_memory_working_set_bytes / (container_memory_limit_bytes > 0) > ${memoryPercent}`,
      metric: "Memory limits",
      summary: "{{ $labels.container }} uses {{ $value | humanize }} % of the memory that it may have",
      first: "Raise its memory in the environment file before it is killed.",
    },
  ],
};
