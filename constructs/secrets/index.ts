export { CertificateRenewal, type CertificateRenewalProps } from "./certificate-renewal";
export type { MailAccount } from "./mail-account";
export { RaftSecrets, type RaftSecretsProps } from "./raft-secrets";
export {
  Authority,
  type AuthorityOptions,
  type HashAlgorithm,
  ProvidedCertificate,
  Secret,
  SecretHash,
  type SecretKind,
  SecretText,
  ServerCertificate,
  type StoredFile,
  type WatchedCertificate,
} from "./secret";
export { SecretUpload } from "./secret-upload";
export { type Engine, VolumeSecretVariables, type VolumeSecretVariablesProps } from "./volume-secret-variables";
export { VolumeSecretStore, type VolumeSecretStoreProps } from "./volume-store";
