/** Seconds until each certificate ends, by `certificate`: a metric of Prometheus' own, from whatever says something about it. */
export const CERTIFICATE_SECONDS = "certificate:remaining_seconds";
/** Days before the end of the authority, beyond those of other certificates: people have to import the new one in time. */
export const AUTHORITY_MORE_DAYS = 60;
/** The one that people's devices trust. */
export const AUTHORITY = "authority";
/** Seconds after which the expiry date of a certificate counts as unknown. */
const STALE_SECONDS = 172_800;

/**
 * The end of each certificate: as its file says, and as the edge, the database and Docker show it to others; the earlier of both.
 *
 * Traefik goes on to count a certificate that it has replaced, until it is restarted: of a name, the newest is the one that it shows.
 */
export const CERTIFICATE_EXPRESSION = `min by (certificate) (${[
  'label_replace(max by (cn) (traefik_tls_certs_not_after), "certificate", "edge", "", "")',
  'label_replace(bookstack_database_certificate_end_timestamp_seconds, "certificate", "database", "", "")',
  'label_replace((docker_certificate_end_timestamp_seconds and on (instance) (time() - node_textfile_mtime_seconds{file=~".*/docker-certificate[.]prom"} < ' +
    `${STALE_SECONDS})), "certificate", "docker", "", "")`,
  `(certificate_end_timestamp_seconds and on (instance) (time() - certificate_check_timestamp_seconds < ${STALE_SECONDS}))`,
].join(" or ")}) - time()`;
