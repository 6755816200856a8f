import { z } from "zod";
import { METRICS_PORT, PROBE_PORT } from "../../../constructs/edge/traefik/traefik-config";
import { address, anyPort, ipv6, port } from "../readers";
import { wasRead } from "../relations";

/** Ports that Traefik listens on inside its container, besides those that it publishes. */
const TRAEFIK_PORTS = [METRICS_PORT, PROBE_PORT];

/** The block `ports` of an environment file. */
export const ports = z
  .strictObject({
    address: address("IPv4 address of the Docker host on which it listens; 0.0.0.0 (all) unless given").prefault("0.0.0.0"),
    ipv6: ipv6("IPv6 address of the Docker host on which it listens, too; :: is all; none unless given", "::").optional(),
    http: port("Port that redirects to HTTPS", 80, TRAEFIK_PORTS),
    https: port("Port of the wiki", 443, TRAEFIK_PORTS),
    public: anyPort("Port in every URL, where a reverse proxy, a tunnel or NAT has another one than https", "that of https", TRAEFIK_PORTS).optional(),
  })
  .refine(({ http, https }) => http !== https, {
    when: wasRead((value) => typeof value === "number", "http", "https"),
    path: ["https"],
    error: ({ input }) => `${(input as { https: number }).https} is also the port of http; use different ports`,
  })
  .refine(({ http, public: seen }) => http !== seen, {
    when: wasRead((value) => typeof value === "number", "http", "public"),
    path: ["public"],
    error: ({ input }) => `${(input as { public: number }).public} is also the port of http; use different ports`,
  })
  .meta({ description: "Where the outside reaches the wiki" });
