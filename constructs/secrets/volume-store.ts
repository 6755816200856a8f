import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Construct } from "constructs";
import { SECRETS_DIRECTORY, type SecretDescription, type SecretDirectory, type SecretFile, type SecretStore } from "../contracts/secret-store";
import { assetText } from "../core/asset";
import { ConfigFile } from "../core/config-file";
import { requireAll } from "../core/errors";
import { exempt } from "../core/exemption";
import { operatorTexts, withOperatorTexts } from "../core/operator-texts";
import { compareText } from "../core/render";
import type { DataVolume } from "../docker/data-volumes";
import type { ContainerImage } from "../docker/image";
import { Job } from "../docker/job";
import { LABEL, labelBlocks } from "../docker/labels";
import type { Mounted, SwarmSecret } from "../docker/mount";
import { describeSecrets, type GivenAuthorities, type Grant, type Guard, renderManifest, renderWatched, signedHere } from "./manifest";
import { RaftSecrets } from "./raft-secrets";
import type { Secret, StoredFile } from "./secret";
import { type Engine, VolumeSecretVariables } from "./volume-secret-variables";

export interface VolumeSecretStoreProps {
  /** Start of the physical names. */
  readonly namespace: string;
  /** Image with a POSIX shell, OpenSSL 1.1.1 or later, and PHP 8 with Argon2. */
  readonly image: ContainerImage;
  /**
   * Whether Terraform refuses to destroy the secrets.
   * @default true
   */
  readonly protect?: boolean;
  /**
   * Takes provided secrets as ephemeral Terraform variables; a higher version uploads them again.
   * @default - they are stored by a command only
   */
  readonly variables?: { readonly engine: Engine; readonly version: number };
  /**
   * Socket of the cluster's manager with these volumes; a higher version compares the secrets of the cluster with them again.
   * @default - all services run on the host with the volumes
   */
  readonly manager?: { readonly endpoint: string; readonly version: number };
}

/** What a container needs that renews certificates. */
export interface RenewalWork {
  /** The store, and the secrets of every service with a certificate. */
  readonly mounts: readonly Mounted[];
  /** What is renewed, who gets it, and which certificates are watched; those of `authorities` lie in `directory`. */
  manifest(authorities: GivenAuthorities, directory: string): string;
}

/** Where a container sees the store. */
export const STORE_DIRECTORY = "/store";
/** Where it sees the secrets of each service. */
export const SERVICES_DIRECTORY = "/services";
/** One Argon2 hash takes 64 MiB. */
const HASHING_MIB = 192;

/**
 * Secrets in volumes of the Docker host: one volume keeps them all, one small volume for each service holds its own.
 *
 * A job without a network creates what is missing, leaves what exists, and gives each service its files. Values are in clear on
 * the host's disk, readable by its root; they are in no plan, no state and no environment.
 */
export class VolumeSecretStore extends Construct implements SecretStore {
  private readonly job: Job;
  private readonly grants: Grant[] = [];
  private readonly guards: Guard[] = [];
  private readonly directories = new Map<string, VolumeSecretDirectory>();
  private readonly guarded = new Set<DataVolume>();
  private readonly variables: VolumeSecretVariables | undefined;
  private readonly store: Volume;
  private readonly volumes = new Map<string, Volume>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: VolumeSecretStoreProps,
  ) {
    super(scope, id);
    const { namespace, image, variables } = props;
    exempt(this, "non-root", "only root can change the owner of a secret; the job has only CAP_CHOWN, no network, and ends at once");
    this.job = new Job(this, "Create", {
      namespace,
      name: "secrets",
      description: { purpose: ["creates missing secrets"], zones: [] },
      image,
      user: "0:0",
      capabilities: [{ name: "CAP_CHOWN", reason: "gives each secret to the user of the service that reads it" }],
      network: "none",
      memoryMiB: HASHING_MIB,
      tmpfs: { "/tmp": { sizeMiB: 1, mode: "0700" } },
      entrypoint: ["sh", "/etc/job/create-secrets.sh", "/etc/job/manifest", STORE_DIRECTORY, SERVICES_DIRECTORY],
      config: {
        directory: "/etc/job",
        files: [
          ConfigFile.text("create-secrets.sh", () => withOperatorTexts(assetText("secrets/assets/create-secrets.sh"), operatorTexts(this))),
          ...["secrets/assets/hash.php", "secrets/assets/hash.json", "core/assets/first-error.php"].map(ConfigFile.asset),
          ConfigFile.text("manifest", () => renderManifest(this.grants, this.guards, variables?.version)),
        ],
      },
    });
    this.store = this.volume("Store", `${namespace}-secrets`);
    this.job.fill(this.store, STORE_DIRECTORY);
    this.variables =
      variables && new VolumeSecretVariables(this, "Variables", { namespace, image, store: this.store, directory: STORE_DIRECTORY, ...variables });
  }

  public directory(service: string, user: string): SecretDirectory {
    requireAll(this, [[!this.directories.has(service), `"${service}" has its directory already; hand that one on`]]);
    const volume = this.volume(service, `${this.props.namespace}-secrets-${service}`);
    this.volumes.set(service, volume);
    this.job.fill(volume, `${SERVICES_DIRECTORY}/${service}`);
    const directory = new VolumeSecretDirectory(
      volume,
      this.job,
      (stored) => this.grantRead({ service, user, stored }),
      (scope, files) => this.inRaft(scope, service, volume, files),
    );
    this.directories.set(service, directory);
    return directory;
  }

  /** Keeps the directories of `others` that no service has here: a stack that stops using them must not remove their volumes. */
  public keep(others: VolumeSecretStore): void {
    for (const service of others.volumes.keys()) if (!this.volumes.has(service)) this.directory(service, "0:0");
  }

  public guard(volume: DataVolume, secrets: readonly Secret[]): void {
    const directory = `/guards/${volume.node.id}`;
    if (!this.guarded.has(volume)) this.job.mount(volume.mountReadOnlyAt(directory));
    this.guarded.add(volume);
    this.guards.push(...secrets.map((secret) => ({ secret, directory })));
  }

  public describe(): SecretDescription[] {
    return describeSecrets(this.grants);
  }

  /** The renewal of certificates, after all were distributed. */
  public renewal(): RenewalWork {
    const certificates = signedHere(this.grants);
    const services = [...new Set(certificates.map(({ service }) => service))].sort(compareText);
    const mounted = (volume: Volume | undefined, target: string): Mounted[] =>
      volume === undefined ? [] : [{ mount: { type: "volume", source: volume.name, target, readOnly: false }, dependsOn: [this.job.container] }];
    return {
      mounts: [
        ...mounted(this.store, STORE_DIRECTORY),
        ...services.flatMap((service) => mounted(this.volumes.get(service), `${SERVICES_DIRECTORY}/${service}`)),
      ],
      manifest: (authorities, directory) => `${renderManifest(certificates, [])}${renderWatched(this.grants, authorities, directory)}`,
    };
  }

  /** The same secrets for a service that runs on several hosts. */
  private inRaft(scope: Construct, service: string, volume: Volume, files: readonly string[]): readonly SwarmSecret[] {
    const { namespace, image, manager } = this.props;
    requireAll(scope, [[manager !== undefined, "a service on several hosts needs the manager of the secret store"]]);
    if (manager === undefined) return [];
    return new RaftSecrets(scope, "Raft", { ...manager, namespace, service, image, volume, job: this.job, files }).secrets();
  }

  /** Notes who gets what; what comes as a variable has to be there before. */
  private grantRead(grant: Grant): void {
    this.grants.push(grant);
    const { secret } = grant.stored;
    if (this.variables !== undefined && secret.isProvided) this.job.addDependencies([this.variables.upload(secret)]);
  }

  private volume(id: string, name: string): Volume {
    const { namespace, protect = true } = this.props;
    return new Volume(this, id, {
      name,
      labels: labelBlocks({ [LABEL.namespace]: namespace, [LABEL.kind]: "data" }),
      lifecycle: protect ? { preventDestroy: true } : undefined,
    });
  }
}

class VolumeSecretDirectory implements SecretDirectory {
  public readonly mount;
  public readonly dependsOn;
  public readonly swarm;
  private readonly names = new Set<string>();
  private copied = false;

  constructor(
    volume: Volume,
    job: Job,
    private readonly grantRead: (stored: StoredFile) => void,
    copy: (scope: Construct, files: readonly string[]) => readonly SwarmSecret[],
  ) {
    this.swarm = {
      secrets: (scope: Construct) => {
        this.copied = true;
        return copy(scope, [...this.names].sort(compareText));
      },
    };
    this.mount = { type: "volume", source: volume.name, target: SECRETS_DIRECTORY, readOnly: true };
    this.dependsOn = [job.container];
  }

  public add(stored: StoredFile): SecretFile {
    if (this.copied && !this.names.has(stored.name)) throw new Error(`${stored.name} is granted after the service was made; grant it before`);
    if (!this.names.has(stored.name)) this.grantRead(stored);
    this.names.add(stored.name);
    return { path: `${SECRETS_DIRECTORY}/${stored.name}` };
  }
}
