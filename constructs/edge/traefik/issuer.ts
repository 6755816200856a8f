import type { DataVolume, DataVolumes } from "../../docker/data-volumes";
import type { Mounted } from "../../docker/mount";
import { Authority, ProvidedCertificate, ServerCertificate, type StoredFile } from "../../secrets/secret";
import type { SecretDirectory } from "../../secrets/secret-store";
import { ACME_DIRECTORY, LetsEncrypt } from "./lets-encrypt";
import type { OwnCertificate } from "./own-certificate";
import type { CertificateFiles } from "./traefik-config";

/** Who signs the certificate of the edge. */
export type Issuer = Authority | LetsEncrypt | OwnCertificate;

/** Where certificates are read and kept. */
export interface IssueProps {
  /** Host names that the certificate is for; asked for once all constructs are connected. */
  readonly names: () => readonly string[];
  /** Secrets of the edge. */
  readonly directory: SecretDirectory;
  readonly volumes: DataVolumes;
  /** `uid:gid` of the edge. */
  readonly user: string;
}

/** What the container of the edge needs for its certificates. */
export interface Issued {
  readonly files?: CertificateFiles;
  readonly variables?: Readonly<Record<string, string>>;
  /** Certificates of Let's Encrypt, and the account there. */
  readonly acme?: DataVolume;
  readonly mounts: readonly Mounted[];
}

/** Files with a certificate and its key, or what Let's Encrypt takes to issue one. */
export function issue(issuer: Issuer, { names, directory, volumes, user }: IssueProps): Issued {
  if (issuer instanceof LetsEncrypt) {
    const acme = volumes.volume("traefik-acme", { owner: user });
    return { variables: issuer.variables((secret) => directory.add(secret).path), acme, mounts: [acme.mountAt(ACME_DIRECTORY)] };
  }
  const { certificate, key } = pair(issuer, names);
  return { files: { certFile: directory.add(certificate).path, keyFile: directory.add(key).path }, mounts: [] };
}

function pair(issuer: Authority | OwnCertificate, names: () => readonly string[]): { readonly certificate: StoredFile; readonly key: StoredFile } {
  if (issuer instanceof Authority) return new ServerCertificate("edge", issuer, names);
  return { certificate: new ProvidedCertificate(issuer.certificateName, issuer.key, names, "edge"), key: issuer.key };
}
