import type { Duration } from "../core/duration";
import type { SecretDirectory, SecretFile } from "./secret-store";

/** An application that signs users in through the portal (OpenID Connect). */
export interface SignOnClient {
  /** Lower-case letters and digits. */
  readonly id: string;
  /** Name that users see while they sign in. */
  readonly name: string;
  /** Where the portal sends people back to. */
  readonly redirectUri: string;
  /** Where users are redirected after sign-out. */
  readonly homeUrl: string;
  /**
   * Groups of which one is enough to be let in.
   * @default - all users with two factors
   */
  readonly groups?: readonly string[];
  /** Where the client finds its secrets. */
  readonly secrets: SecretDirectory;
}

/** What a client needs to know of the portal. */
export interface SignOnAccess {
  /** `https://…`, with the port when it is not the usual one. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: SecretFile;
  /** Signs out of the portal, then redirects to the client. */
  readonly signOutUrl: string;
  /** `host:port:address`: where the issuer is reached without asking DNS. */
  readonly resolve: string;
  /** Authority behind the issuer's certificate; none when it is a public one. */
  readonly ca: SecretFile | undefined;
  /** The same as PEM, where it is in no store of secrets. */
  readonly caText?: string;
  /** Time after which a browser loses the session of the portal. */
  readonly session: Duration;
  /** Time without a request after which the portal ends a session. */
  readonly inactivity: Duration;
}

/** The single sign-on provider. */
export interface IIdentityProvider {
  /** Makes a client known to the portal and hands its secret over. */
  registerClient(client: SignOnClient): SignOnAccess;
}
