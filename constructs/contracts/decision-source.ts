import type { SecretDirectory, SecretFile } from "./secret-store";

/** Something that knows which addresses are banned: the local API of CrowdSec. */
export interface IDecisionSource {
  /** `host:port` of the local API, on a network that the edge is on. */
  readonly lapiHost: string;
  /**
   * `host:port` where a request is looked at before it is let through.
   * @default - addresses alone decide
   */
  readonly appsecHost?: string;
  /** Hands the key by which the edge asks over to `directory`. */
  bouncerKey(directory: SecretDirectory): SecretFile;
}
