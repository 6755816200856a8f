import { DataCloudflareZone } from "@cdktf/provider-cloudflare/lib/data-cloudflare-zone";
import { DnsRecord, type DnsRecordConfig } from "@cdktf/provider-cloudflare/lib/dns-record";
import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider";
import { Construct } from "constructs";
import { requireAll } from "../core/errors";

export interface CloudflareRecordsProps {
  /** Zone at Cloudflare, by its name: `example.com`. */
  readonly zone: string;
  /** Domain whose host names are served: the zone or below it. */
  readonly domain: string;
  /** Host names of the wiki. */
  readonly hostNames: readonly string[];
  /** Address of the Docker host. @default - no A records */
  readonly ipv4?: string;
  /** Address of the Docker host. @default - no AAAA records */
  readonly ipv6?: string;
  /**
   * Whether clients reach Cloudflare, which asks the wiki, instead of the wiki itself.
   * @default false
   */
  readonly proxied?: boolean;
  /**
   * Whether to use one wildcard record below the domain, so that DNS does not reveal the names.
   * @default false
   */
  readonly wildcard?: boolean;
  /**
   * Which CA may issue certificates for the domain, by its CAA name, and where it reports other attempts.
   * @default - no CAA record, so that every CA may
   */
  readonly issuer?: { readonly name: string; readonly reportTo: string };
  /** Who manages the records, for people who see them at Cloudflare. */
  readonly comment: string;
}

/** Automatic; the only TTL that Cloudflare accepts for proxied records. */
const AUTOMATIC_TTL = 1;
/** Seconds for which others remember a record: after a move the old address is forgotten within five minutes. */
const TTL = 300;

/**
 * The DNS records of the wiki in a Cloudflare zone, and which CA may issue certificates for them.
 *
 * The token is read by Terraform from its environment variable `CLOUDFLARE_API_TOKEN`; it is in no plan and no state.
 */
export class CloudflareRecords extends Construct {
  private readonly zoneId: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: CloudflareRecordsProps,
  ) {
    super(scope, id);
    const { zone, domain, hostNames, ipv4, ipv6, wildcard = false, issuer } = props;
    requireAll(this, [
      [within(domain, zone), `domain ${domain} is not in the zone ${zone}`],
      [hostNames.length > 0, "hostNames must name at least one"],
      ...hostNames.map((name) => [within(name, domain), `host name ${name} is not below ${domain}`] as const),
      [ipv4 !== undefined || ipv6 !== undefined, "ipv4 or ipv6 is required; without them there is no record to create"],
    ]);
    new CloudflareProvider(this, "Provider", {});
    this.zoneId = new DataCloudflareZone(this, "Zone", { filter: { name: zone } }).zoneId;
    for (const name of wildcard ? [`*.${domain}`] : [...hostNames].sort()) this.addresses(name);
    if (issuer) this.authorize(issuer);
  }

  private addresses(name: string): void {
    const { ipv4, ipv6, proxied = false } = this.props;
    const contents = { A: ipv4, AAAA: ipv6 };
    for (const [type, content] of Object.entries(contents)) {
      if (content !== undefined) this.record(`${type}-${name}`, { name, type, content, proxied, ttl: proxied ? AUTOMATIC_TTL : TTL });
    }
  }

  private authorize({ name: authority, reportTo }: { readonly name: string; readonly reportTo: string }): void {
    const values = {
      issue: authority,
      // certificates of the wiki name each host; no CA may issue a wildcard
      issuewild: ";",
      iodef: `mailto:${reportTo}`,
    };
    for (const [tag, value] of Object.entries(values)) {
      const record = this.record(`CAA-${tag}`, { name: this.props.domain, type: "CAA", ttl: TTL, data: { tag, value } });
      // the binding takes flags for a map and would leave a number out
      record.addOverride("data.flags", "0");
    }
  }

  private record(id: string, config: Omit<DnsRecordConfig, "zoneId" | "comment">): DnsRecord {
    return new DnsRecord(this, id, { ...config, zoneId: this.zoneId, comment: this.props.comment });
  }
}

function within(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}
