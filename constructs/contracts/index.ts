export type { BackedUp, BackedUpVolume, IBackedUp } from "./backed-up";
export type { BoundCertificate, CertificateConsumer, CertificateFiles, CertificateResolver, ICertificateSource } from "./certificate-source";
export type { IDecisionSource } from "./decision-source";
export type { IForwardAuth } from "./forward-auth";
export type { IIdentityProvider, SignOnAccess, SignOnClient } from "./identity-provider";
export type { IMetricsSource } from "./metrics-source";
export type { IRoutable } from "./routable";
export { SECRETS_DIRECTORY, type SecretDescription, type SecretDirectory, type SecretFile, type SecretStore } from "./secret-store";
