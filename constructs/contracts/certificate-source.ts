import type { DataVolume, DataVolumes } from "../docker/data-volumes";
import type { Mounted } from "../docker/mount";
import type { SecretDirectory } from "./secret-store";

/** The reverse proxy that needs certificates. */
export interface CertificateConsumer {
  /** Host names that the certificate is for; asked for once all constructs are connected. */
  readonly names: () => readonly string[];
  /** Secrets of the consumer. */
  readonly directory: SecretDirectory;
  readonly volumes: DataVolumes;
  /** `uid:gid` of the consumer. */
  readonly user: string;
}

/** Paths in the container. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate resolver of Traefik, which orders and renews certificates itself. */
export interface CertificateResolver {
  /** Name by which routers ask for a certificate. */
  readonly name: string;
  /** `certificatesResolvers` of `traefik.yml`. */
  readonly settings: object;
}

/** What the consumer needs for its certificates: either files, or a resolver. */
export interface BoundCertificate {
  readonly files?: CertificateFiles;
  readonly resolver?: CertificateResolver;
  /** Variables that name the files of secrets. @default - none */
  readonly variables?: Readonly<Record<string, string>>;
  /** Certificates and the account at their issuer, to be backed up. @default - nothing that cannot be made again */
  readonly state?: DataVolume;
  /** @default - none */
  readonly mounts?: readonly Mounted[];
}

/** Where the certificate of the reverse proxy comes from: a CA of its own, Let's Encrypt, or files of the operator. */
export interface ICertificateSource {
  /** Hands `consumer` what it needs. Called once for each consumer. */
  bind(consumer: CertificateConsumer): BoundCertificate;
}
