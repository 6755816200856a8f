import { SecretText, type StoredFile } from "../secrets/secret";

/** A certificate that somebody else signed and an operator brings as files, with the authority behind it when programs do not know that. */
export class OwnCertificate {
  /** Certificate of the authority: for the wiki, which asks the portal through the edge. */
  public readonly ca: StoredFile | undefined;

  constructor(
    /** Name of the secret with the chain of certificates, and of that with its private key. */
    public readonly certificateName: string,
    public readonly key: SecretText,
    caName?: string,
  ) {
    this.ca = caName === undefined ? undefined : SecretText.providedFile(caName);
  }
}
