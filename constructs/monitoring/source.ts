import type { Duration } from "../core/duration";
import { WATCHDOG } from "./alert";
import { firstMetricOf, HOST_CHECKS_OLD } from "./alert-sources";
import { MISSED } from "./alerts/targets";
import type { Query, TileQuery } from "./panel";

/** Jobs that Prometheus reads. */
export type Job = "alertmanager" | "authelia" | "bookstack" | "bookstack-db" | "crowdsec" | "grafana" | "node-exporter" | "prometheus" | "traefik";

/** How several series become one value. */
type Aggregate = "sum" | "min" | "max" | "avg" | "count";

/** File that container-metrics writes for node-exporter. */
const CONTAINERS_FILE = 'node_textfile_mtime_seconds{file=~".*/containers[.]prom"}';

/**
 * Something that publishes metrics, and how Prometheus knows that it does so now.
 *
 * Every question goes through it, because a silent source has no value: not the last one, not a healthy one, and not what a function over
 * time finds in earlier samples. Only `count` defaults to zero, and only while the source is scraped.
 */
export class Source {
  /** @param alive - PromQL that gives something while the source is read, and nothing while it is not */
  constructor(private readonly alive: string) {}

  public static job(name: Job): Source {
    // what answers without its metrics tells nothing either
    return new Source(`up{job="${name}"} == 1 and on (job) ${firstMetricOf(name)}`);
  }

  /** One value; nothing while there is none. */
  public value(aggregate: Aggregate, expression: string): TileQuery {
    return { expr: this.guard(`${aggregate}(${expression})`), source: this };
  }

  /** How many there are, of things that have no series until the first of them: 0 while the source is read and has none. */
  public count(aggregate: "sum" | "count" | "max", expression: string, legend?: string): TileQuery {
    return { ...this.series(`${aggregate}(${expression}) or vector(0)`, legend), source: this };
  }

  /** The value of the label `label`, such as a version. */
  public label(label: string, metric: string): TileQuery {
    return { ...this.series(`max by (${label}) (${metric})`, `{{${label}}}`), source: this };
  }

  /** Lines of a graph, rows of a table. */
  public series(expression: string, legend?: string): Query {
    return { expr: this.guard(expression), ...(legend === undefined ? {} : { legend }) };
  }

  /** The same, of which there are none until something happens. */
  public events(expression: string, legend: string): Query {
    return { ...this.series(expression, legend), sparse: true };
  }

  private guard(expression: string): string {
    return `(${expression}) and on () (${this.alive})`;
  }
}

export const TRAEFIK = Source.job("traefik");
export const AUTHELIA = Source.job("authelia");
export const CROWDSEC = Source.job("crowdsec");
export const WIKI = Source.job("bookstack");
export const HOST = Source.job("node-exporter");
/** An exporter answers for the database, and while that is down it says so and little else. */
export const MYSQL = new Source("mysql_up == 1");
/** Timer of a hardened host: its file stays when it stops. */
export const HOST_CHECKS = new Source(`host_checks_last_run_timestamp_seconds > time() - ${HOST_CHECKS_OLD}`);
/** Prometheus itself, as far as it reads anything. */
export const TARGETS = new Source("count(up)");
/** Prometheus itself, as far as it evaluates alerts. */
export const RULES = new Source(`ALERTS{alertname="${WATCHDOG}",alertstate="firing"}`);

/** Seconds after which what is known of the containers is old. */
export function containersOld(interval: Duration): number {
  return MISSED * interval.seconds;
}

/** What container-metrics writes: its file stays when it stops, and one without a container is none. */
export function containers(interval: Duration): Source {
  return new Source(`container_running and on () (${CONTAINERS_FILE} > time() - ${containersOld(interval)})`);
}

/** Age of the file of container-metrics. */
export const CONTAINERS_AGE = HOST.value("max", `time() - ${CONTAINERS_FILE}`);
