import type { Construct } from "constructs";
import type { DataVolume } from "../../constructs/docker/data-volumes";
import { CertificateRenewal } from "../../constructs/secrets/certificate-renewal";
import type { GivenAuthorities } from "../../constructs/secrets/manifest";
import { VolumeSecretStore } from "../../constructs/secrets/volume-store";
import { remoteDocker } from "../environment/host-url";
import type { Environment } from "../environment/schema";
import type { StackContext } from "./context";

/** CA certificates of the environment file that a service uses, by their names in metrics and alerts. */
export function givenAuthorities({ mail, tls, wiki, database, backup }: Environment): GivenAuthorities {
  const all = {
    "mail-ca": mail?.ca,
    "tls-ca": tls.issuer === "local" ? undefined : tls.ca,
    "database-ca": database.external?.ca,
    "webhook-ca": wiki.webhooks === undefined ? undefined : wiki.webhookCa,
    ...Object.fromEntries((backup.remotes ?? []).map(({ name, ca }) => [`backup-${name.replaceAll("_", "-")}-ca`, ca])),
  };
  return Object.fromEntries(Object.entries(all).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
}

/** Every certificate that an environment has, by the names that metrics and alerts call them. */
export function certificateNames(environment: Environment): string[] {
  const authority = environment.tls.issuer === "local" ? ["authority"] : [];
  const docker = remoteDocker(environment.docker.host)?.scheme === "tcp" ? ["docker"] : [];
  const ownDatabase = environment.database.external === undefined ? ["database-authority"] : [];
  return ["edge", ...authority, "database", ...ownDatabase, ...docker, ...Object.keys(givenAuthorities(environment))];
}

/** Volume with the ends of all certificates; nothing where the host itself writes them. */
export function certificateMetrics({ volumes, host }: StackContext): DataVolume | undefined {
  return host === undefined ? volumes.volume("certificate-metrics", { owner: "0:0" }) : undefined;
}

/** Adds the renewal of certificates; a hardened host does this itself. Called after all secrets were granted. */
export function renewCertificates(scope: Construct, { environment, namespace, images, secrets }: StackContext, metrics: DataVolume | undefined): void {
  if (!(secrets instanceof VolumeSecretStore) || metrics === undefined) return;
  const authorities = givenAuthorities(environment);
  new CertificateRenewal(scope, "Certificates", { namespace, image: images.bookstack, work: secrets.renewal(), authorities, metrics });
}
