import { stringify } from "yaml";
import type { Duration } from "../../core/duration";
import type { RateLimit } from "../traefik/rate-limit";

/** Port of the local API, for those who block. */
export const LAPI_PORT = 8080;
export const METRICS_PORT = 6060;
/** Port at which requests are looked at before they are let through. */
export const APPSEC_PORT = 7422;

/** How long an address is banned. */
export interface BanLength {
  /** The first time. */
  readonly first: Duration;
  /** At most, however often it comes back; each ban is twice as long as the one before. */
  readonly longest: Duration;
}

/** `config.yaml.local`: what differs from the image's own configuration. */
export function renderConfig(): object {
  return {
    db_config: {
      use_wal: true,
      // what is remembered of an address decides how long its next ban is
      flush: { max_items: 5000, max_age: "30d" },
    },
    api: { server: { trusted_ips: ["127.0.0.1", "::1"] } },
  };
}

/**
 * `profiles.yaml`: what follows from an alert.
 *
 * One attack sets off several scenarios within a second; while a ban holds they change nothing, or the first attack would count as many.
 */
export function renderProfiles({ first, longest }: BanLength): string {
  const address = 'Alert.Remediation == true && Alert.GetScope() == "Ip"';
  const profiles = [
    {
      name: "first_or_again",
      filters: [`${address} && GetActiveDecisionsCount(Alert.GetValue()) == 0`],
      decisions: [{ type: "ban", duration: `${first.seconds}s` }],
      duration_expr: `Sprintf('%ds', int(min(${first.seconds} * 2 ** GetDecisionsCount(Alert.GetValue()), ${longest.seconds})))`,
      on_success: "break",
    },
    { name: "banned_already", filters: [address], on_success: "break" },
    {
      name: "range",
      filters: ['Alert.Remediation == true && Alert.GetScope() == "Range"'],
      decisions: [{ type: "ban", duration: `${first.seconds}s` }],
      on_success: "break",
    },
  ];
  return profiles.map((profile) => stringify(profile, { lineWidth: 0 })).join("---\n");
}

/** A file below `acquis.d`: one log that is read. */
export function renderAcquisition(path: string, type: string): object {
  return {
    filenames: [path],
    labels: { type },
    // a file that is not there yet is read once it is
    force_inotify: true,
  };
}

/** `acquis.d/appsec.yaml`: requests that are looked at before they reach the wiki. */
export function renderAppsec(): object {
  return {
    source: "appsec",
    name: "edge",
    listen_addr: `0.0.0.0:${APPSEC_PORT}`,
    appsec_configs: ["crowdsecurity/appsec-default"],
    labels: { type: "appsec" },
  };
}

/** `parsers/s02-enrich/trusted.yaml`: whose lines are not looked at. */
export function renderTrusted(networks: readonly string[]): object {
  return {
    name: "secure-bookstack/trusted",
    description: "networks of this machine's containers, and those that the environment trusts",
    whitelist: { reason: "trusted network", cidr: [...networks] },
  };
}

/** Refused requests that are forgiven, for each one that is answered. */
const FORGIVEN = 2.5;

/**
 * `scenarios/edge-flood.yaml`: who goes on asking while the edge answers 429.
 *
 * It follows from the rate limit. A program that waits for as long as 429 says asks once a second, and several of its threads do: that much is
 * always forgiven, and at once as much as two bursts. Images do not count: a page asks for all of them, and no person decides about that.
 */
export function renderFlood({ perMinute, burst }: RateLimit): object {
  return {
    type: "leaky",
    name: "secure-bookstack/edge-flood",
    description: "requests that go on over the rate limit",
    filter: "evt.Meta.log_type == 'http_access-log' && evt.Meta.http_status == 'over-limit' && evt.Parsed.static_ressource == 'false'",
    groupby: "evt.Meta.source_ip",
    capacity: 2 * burst,
    leakspeed: `${Math.ceil(60_000 / (FORGIVEN * perMinute))}ms`,
    blackhole: "1m",
    labels: {
      remediation: true,
      service: "http",
      confidence: 1,
      spoofable: 0,
      classification: ["attack.T1499"],
      behavior: "http:dos",
      label: "Requests over the rate limit",
    },
  };
}
