/** A service that offers HTTP on a network that it shares with the reverse proxy. */
export interface IRoutable {
  /** `http://host:port` addresses of equal servers; at least one. */
  readonly httpServers: readonly string[];
}
