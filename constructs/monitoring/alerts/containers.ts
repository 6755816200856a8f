import { Duration } from "../../core/duration";
import { type Alert, type AlertFamily, type AlertSettings, CONTAINER_DOWN, CONTAINER_MISSING, containerName, ENVIRONMENT } from "../alert";
import { ALERT_SOURCES, missing } from "../alert-sources";
import { above, count, seconds } from "../promql";

const LABELLED = containerName("{{ $labels.container }}");
/** One that runs, and of which the kernel counts nothing. */
const UNCOUNTED = "max by (job) (container_running == 1 unless on (container) container_memory_working_set_bytes)";

export const family: AlertFamily = {
  name: "containers",
  title: "Containers",
  alerts: (settings: AlertSettings): Alert[] => [...state(settings), ...resources(settings)],
};

function state({ containers }: AlertSettings): Alert[] {
  const gone = containers().map((name) => `absent(container_running{container="${name}"})`);
  return [
    {
      name: CONTAINER_DOWN,
      severity: "critical",
      expression: "container_running == 0",
      metric: "Container health",
      summary: "The container {{ $labels.container }} does not run",
      first: `Read docker logs --tail 50 ${LABELLED}, then start it: docker start ${LABELLED}.`,
    },
    ...(gone.length === 0
      ? []
      : [
          {
            name: CONTAINER_MISSING,
            severity: "critical" as const,
            expression: `(${gone.join(" or ")}) and on () container_running`,
            job: ALERT_SOURCES.containers.job,
            metric: "Container health" as const,
            summary: "The container {{ $labels.container }} does not exist",
            first: `Create it again: npm run deploy -- ${ENVIRONMENT}.`,
          },
        ]),
    {
      name: "ContainerUnhealthy",
      severity: "critical",
      expression: "container_healthy == 0 and container_running == 1",
      metric: "Container health",
      summary: "The container {{ $labels.container }} runs, and its health check fails",
      first: `See what its health check said: docker inspect ${LABELLED}. Read docker logs --tail 50 ${LABELLED}, then docker restart ${LABELLED}.`,
    },
    {
      name: "ContainersUnknown",
      severity: "critical",
      expression: `${missing(ALERT_SOURCES.containers)} or ${UNCOUNTED}`,
      metric: "Container health",
      summary: "Metrics of containers are missing: which of them run is not known",
      first: `Compare with docker ps --all; read docker logs ${containerName("container-metrics")} and restart that container. Is monitoring.dockerRoot right?`,
    },
  ];
}

function resources({ window, thresholds: { memoryPercent, restarts } }: AlertSettings): Alert[] {
  const memory = "100 * container_memory_working_set_bytes / (container_memory_limit_bytes > 0)";
  return [
    {
      name: "ContainerRestarting",
      severity: "warning",
      expression: `increase(container_restarts_total[${seconds(window)}]) >= ${restarts}`,
      lasts: Duration.seconds(0),
      metric: "Restart count",
      summary: `The container {{ $labels.container }} ended and was started again ${count()} times`,
      first: `Read docker logs --tail 100 ${LABELLED}: does something that it needs fail, or is its memory too small?`,
    },
    {
      name: "ContainerOutOfMemory",
      severity: "critical",
      // what is killed with its container leaves no count behind: the host's own count and a restart tell of it
      expression: `increase(container_oom_kills_total[${seconds(window)}]) > 0 or increase(container_restarts_total[${seconds(window)}]) > 0 and on (job) increase(node_vmstat_oom_kill[${seconds(window)}]) > 0`,
      lasts: Duration.seconds(0),
      metric: "Memory limits",
      summary: "A process of the container {{ $labels.container }} was killed: out of memory",
      first: "Increase its memory in the environment file and deploy, or find what uses so much.",
    },
    {
      name: "ContainerNearMemoryLimit",
      severity: "warning",
      expression: above("ContainerNearMemoryLimit", memory, memoryPercent),
      metric: "Memory limits",
      summary: `The container {{ $labels.container }} uses ${count()} % of its memory limit`,
      first: "Increase its memory in the environment file and deploy, before it is killed.",
    },
  ];
}
