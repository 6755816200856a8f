import type { TerraformStack } from "cdktf";
import type { ICertificateSource } from "../../constructs/contracts/certificate-source";
import type { SecretDirectory, SecretStore } from "../../constructs/contracts/secret-store";
import { DATA_DIRECTORY } from "../../constructs/database/mysql-config";
import { DataVolumes } from "../../constructs/docker/data-volumes";
import { ContainerImage } from "../../constructs/docker/image";
import { Networks } from "../../constructs/docker/networks";
import { httpsUrl, publicPort } from "../../constructs/edge/traefik/published";
import type { HardenedHost } from "../../constructs/host/hardened-host";
import { HostSecretStore } from "../../constructs/host/host-secret-store";
import { nullProvider } from "../../constructs/host/null-provider";
import type { StoredFile } from "../../constructs/secrets/secret";
import type { Engine } from "../../constructs/secrets/volume-secret-variables";
import { VolumeSecretStore } from "../../constructs/secrets/volume-store";
import { APPLICATION_DIRECTORY } from "../../constructs/wiki/bookstack-config";
import { HOST_LABELS } from "../environment/relations/own-names";
import type { Environment } from "../environment/schema";
import { proxySubnet6, trustedProxies } from "./addresses";
import { pullBases, type StackImage } from "./base-images";
import { givenAuthorities } from "./certificates";
import { joinCluster } from "./cluster";
import { hardenedHost } from "./host";
import { type ImageName, imagesFor, type MonitoringImage } from "./images";
import { authorityOf, issuerOf } from "./issuer";

type WikiImage = Exclude<ImageName, MonitoringImage | "link">;
type Name = keyof typeof HOST_LABELS;

/** Shared infrastructure: networks, volumes, secrets, images. */
export interface StackContext {
  readonly environment: Environment;
  /** Prefix of every name at the Docker host. */
  readonly namespace: string;
  readonly images: Readonly<Record<WikiImage, ContainerImage>>;
  readonly networks: Networks;
  readonly volumes: DataVolumes;
  /** The host below the containers; nothing where it is left alone. */
  readonly host: HardenedHost | undefined;
  readonly secrets: SecretStore;
  /** What a person may read. */
  readonly operator: SecretDirectory;
  readonly issuer: ICertificateSource;
  /** Certificate of the authority behind the edge, where programs do not know it. */
  readonly authority: StoredFile | string | undefined;
  /** Networks of trusted proxies in front of Traefik. */
  readonly proxies: readonly string[];
  readonly hostNames: Readonly<Record<Name, string>>;
  /** `https://…` of each host name. */
  readonly urls: Readonly<Record<Name, string>>;
}

/** Creates the shared infrastructure: networks, volumes, secrets, images. */
export function createContext(stack: TerraformStack, environment: Environment, engine: Engine): StackContext {
  const { name: namespace, domain, ports, protectData: protect } = environment;
  const manager = joinCluster(stack, environment);
  const images = pull(stack, environment);
  const { proxy6: _, ...subnets } = environment.networks;
  const networks = new Networks(stack, "Networks", { namespace, subnets, proxy6: proxySubnet6(environment) });
  const volumes = new DataVolumes(stack, "Volumes", { namespace, image: images.mysql, protect });
  const host = hardenedHost(stack, environment);
  const variables = environment.secrets.variables ? { engine, version: environment.secrets.version } : undefined;
  if (variables) nullProvider(stack);
  const secrets = host
    ? new HostSecretStore(stack, "Secrets", { namespace, host, variables, authorities: givenAuthorities(environment) })
    : new VolumeSecretStore(stack, "Secrets", { namespace, image: images.bookstack, protect, variables, manager });
  const operator = secrets.directory("operator", "0:0");
  const issuer = issuerOf(environment);
  const authority = authorityOf(issuer, environment.tls);
  if (authority !== undefined && typeof authority !== "string") operator.add(authority);
  const proxies = trustedProxies(environment);
  const hostNames = each((label) => `${label}.${domain}`);
  const urls = each((label) => httpsUrl(`${label}.${domain}`, publicPort(ports)));
  return { environment, namespace, images, networks, volumes, host, secrets, operator, issuer, authority, proxies, hostNames, urls };
}

function each(value: (label: string) => string): Record<Name, string> {
  return Object.fromEntries(Object.entries(HOST_LABELS).map(([name, label]) => [name, value(label)])) as Record<Name, string>;
}

function pull(stack: TerraformStack, { database, docker, images }: Environment): Record<WikiImage, ContainerImage> {
  const references = imagesFor(database.version, images);
  const all: StackImage[] = [];
  const image = (id: string, name: WikiImage, volumes: readonly string[] = []) => {
    const source = references[name];
    const made = new ContainerImage(stack, id, { ...source, volumes });
    all.push({ id, source, image: made });
    return made;
  };
  const pulled = {
    authelia: image("AutheliaImage", "authelia"),
    traefik: image("TraefikImage", "traefik"),
    crowdsec: image("CrowdSecImage", "crowdsec"),
    bookstack: image("BookStackImage", "bookstack", [`${APPLICATION_DIRECTORY}/public/uploads`, `${APPLICATION_DIRECTORY}/storage/uploads`]),
    mysql: image("MySqlImage", "mysql", [DATA_DIRECTORY]),
    backup: image("BackupImage", "backup", [DATA_DIRECTORY]),
  };
  pullBases(stack, all, docker.registryLogins ?? []);
  return pulled;
}
