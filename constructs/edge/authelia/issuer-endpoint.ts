import type { SignOnAccess } from "../../contracts/identity-provider";
import type { SecretDirectory } from "../../contracts/secret-store";
import type { StoredFile } from "../../secrets/secret";

/** How applications reach the portal, which is the OpenID Connect issuer. */
export interface IssuerEndpoint {
  /** Address of the edge on the network of the applications. */
  readonly address: string;
  /**
   * Certificate of the authority that signed for the edge: in the store of secrets, or as PEM.
   * @default - a public one
   */
  readonly ca?: StoredFile | string;
}

/** How a client that reads `secrets` gets the authority of the portal. */
export function authorityFor(ca: IssuerEndpoint["ca"], secrets: SecretDirectory): Pick<SignOnAccess, "ca" | "caText"> {
  return typeof ca === "string" ? { ca: undefined, caText: ca } : { ca: ca && secrets.add(ca) };
}
