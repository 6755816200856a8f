import type { BoundCertificate, CertificateConsumer, ICertificateSource } from "../../contracts/certificate-source";
import { certificateFiles, ProvidedCertificate, type SecretText } from "../../secrets/secret";

/** A certificate that the operator provides as two files. */
export class OwnCertificate implements ICertificateSource {
  constructor(
    /** Name of the secret with the chain of certificates. */
    public readonly certificateName: string,
    public readonly key: SecretText,
  ) {}

  public bind({ names, directory }: CertificateConsumer): BoundCertificate {
    const certificate = new ProvidedCertificate(this.certificateName, this.key, names, "edge");
    return { files: certificateFiles(directory, { certificate, key: this.key }) };
  }
}
