import type { SecretText } from "../../secrets/secret";

/** A certificate that the operator provides as two files. */
export class OwnCertificate {
  constructor(
    /** Name of the secret with the chain of certificates. */
    public readonly certificateName: string,
    public readonly key: SecretText,
  ) {}
}
