/** A part that publishes metrics for Prometheus to read. */
export interface IMetricsSource {
  /** `host:port` under which it is read, at the path `/metrics`. */
  readonly metricsAddress: string;
}
