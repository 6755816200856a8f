import { Construct } from "constructs";
import { assetText } from "../core/asset";
import { ConfigFile } from "../core/config-file";
import { Duration } from "../core/duration";
import { exempt } from "../core/exemption";
import { operatorTexts, withOperatorTexts } from "../core/operator-texts";
import type { DataVolume } from "../docker/data-volumes";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import { Service } from "../docker/service";
import { authorityFile, type GivenAuthorities } from "./manifest";
import { type RenewalWork, SERVICES_DIRECTORY, STORE_DIRECTORY } from "./volume-store";

export interface CertificateRenewalProps {
  /** Start of the physical names. */
  readonly namespace: string;
  /** Image with a POSIX shell, `flock` and OpenSSL 1.1.1 or later. */
  readonly image: ContainerImage;
  /** What is renewed, and where it lies. */
  readonly work: RenewalWork;
  /** Certificates of authorities that an operator gave, whose ends are watched. @default - none */
  readonly authorities?: GivenAuthorities;
  /** Where the ends of all certificates are written, as metrics. */
  readonly metrics: DataVolume;
}

/** Name of the service, and the end of its container's name. */
export const CERTIFICATES = "certificates";
/** Where it finds the scripts and the manifest. */
export const CERTIFICATES_DIRECTORY = "/etc/certificates";
const METRICS_DIRECTORY = "/metrics";
const SCRIPTS = ["create-secrets.sh", "certificate-metrics.sh", "renew-certificates.sh"];
const LIMITS: Limits = { memoryMiB: 64, cpus: 0.25 };

/** Words after which the renewal knows what there is and where. */
export const RENEWAL_PLACES = [`${CERTIFICATES_DIRECTORY}/manifest`, STORE_DIRECTORY, SERVICES_DIRECTORY] as const;

/** Renews, and writes when each certificate ends; with a further word as the script says. */
export const RENEWAL_COMMAND: readonly string[] = ["sh", `${CERTIFICATES_DIRECTORY}/renew-certificates.sh`, ...RENEWAL_PLACES, METRICS_DIRECTORY];

/**
 * Renews certificates of the environment's CAs before they expire, distributes them, and writes the expiry dates.
 *
 * It has no network, because it can read the keys of the CAs. Services detect a renewed certificate themselves.
 */
export class CertificateRenewal extends Construct {
  public readonly service: Service;

  constructor(scope: Construct, id: string, { namespace, image, work, authorities = {}, metrics }: CertificateRenewalProps) {
    super(scope, id);
    exempt(this, "non-root", "only root can change the owner of a renewed certificate; it has only CAP_CHOWN and no network");
    exempt(
      this,
      "capabilities-dropped",
      "CAP_CHOWN is needed to give a renewed certificate to the user of its service; the job does this only during a deploy",
    );
    this.service = new Service(this, "Service", {
      ...LIMITS,
      namespace,
      name: CERTIFICATES,
      description: { purpose: ["renews certificates", "before they end"], zones: [] },
      image,
      user: "0:0",
      capabilities: [{ name: "CAP_CHOWN", reason: "gives a renewed certificate to the user of the service that reads it" }],
      networks: "none",
      entrypoint: RENEWAL_COMMAND,
      config: {
        directory: CERTIFICATES_DIRECTORY,
        files: [
          ...SCRIPTS.map((name) => ConfigFile.text(name, () => withOperatorTexts(assetText(`secrets/assets/${name}`), operatorTexts(this)))),
          ...Object.entries(authorities).map(([name, text]) => ConfigFile.text(authorityFile(name), () => `${text.trim()}\n`)),
          ConfigFile.text("manifest", () => work.manifest(authorities, CERTIFICATES_DIRECTORY)),
        ],
      },
      tmpfs: { "/tmp": { sizeMiB: 4, mode: "0700" } },
      mounts: [...work.mounts, metrics.mountAt(METRICS_DIRECTORY)],
      healthCheck: { command: [...RENEWAL_COMMAND, "check"], interval: Duration.seconds(30) },
      stopGraceSeconds: 10,
    });
  }
}
