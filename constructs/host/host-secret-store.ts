import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { SECRETS_DIRECTORY, type SecretDescription, type SecretDirectory, type SecretFile, type SecretStore } from "../contracts/secret-store";
import { assetText } from "../core/asset";
import { addDependencies } from "../core/dependencies";
import { requireAll } from "../core/errors";
import { type OperatorTexts, operatorTexts, withOperatorTexts } from "../core/operator-texts";
import { renderIni, type Sections } from "../core/render";
import type { DataVolume } from "../docker/data-volumes";
import { authorityFile, describeSecrets, type GivenAuthorities, type Grant, type Guard, renderManifest, renderWatched, secretsOf } from "../secrets/manifest";
import type { Secret, StoredFile } from "../secrets/secret";
import { TEXTFILE_DIRECTORY } from "./checks";
import type { HardenedHost } from "./hardened-host";
import type { HostPart } from "./host-part";
import { HostSecretVariables } from "./host-secret-variables";
import { CONFIGURATION, HostStep, LIBRARY } from "./host-step";

export interface HostSecretStoreProps {
  /** Start of the physical names. */
  readonly namespace: string;
  readonly host: HardenedHost;
  /**
   * Takes provided secrets as ephemeral Terraform variables; a higher version uploads them again.
   * @default - they are stored by a command only
   */
  readonly variables?: { readonly version: number };
  /** Certificates of authorities that an operator gave, whose ends are watched. @default - none */
  readonly authorities?: GivenAuthorities;
}

/** Where the host keeps secrets, encrypted. */
export const CREDENTIALS_DIRECTORY = `${CONFIGURATION}/credentials`;
/** The tool that creates, stores and distributes secrets on the host. */
export const SECRETS_TOOL = `${LIBRARY}/secrets`;
const FILES = `${CONFIGURATION}/secrets`;
const UNIT = "bookstack-secrets.service";
/** Renews certificates once a day. */
export const RENEWAL_UNIT = "bookstack-certificates";

/** Directory of the host, in memory, with the secrets of `service` in clear. */
export function serviceDirectory(namespace: string, service: string): string {
  return `/run/bookstack/${namespace}/secrets/${service}`;
}

/**
 * Secrets on a hardened host: encrypted on its disk with a key of the host (and of its TPM, if it has one), in clear in memory alone.
 *
 * They are created where they are used, by the same script as those of {@link VolumeSecretStore}. Before Docker starts they are handed
 * over, one directory for each service; without them Docker does not start.
 */
export class HostSecretStore extends Construct implements SecretStore {
  private readonly grants: Grant[] = [];
  private readonly guards: Guard[] = [];
  private readonly directories = new Set<string>();
  private readonly ready: TerraformResource;
  private readonly variables?: HostSecretVariables;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: HostSecretStoreProps,
  ) {
    super(scope, id);
    if (props.variables) this.variables = this.secretVariables(props.variables.version);
    this.ready = props.host.add(this.part());
  }

  public directory(service: string, user: string): SecretDirectory {
    requireAll(this, [[!this.directories.has(service), `"${service}" has its directory already; hand that one on`]]);
    this.directories.add(service);
    return new HostSecretDirectory(this.props.namespace, service, this.ready, (stored) => this.grantRead({ service, user, stored }));
  }

  public guard(volume: DataVolume, secrets: readonly Secret[]): void {
    // the tool asks Docker where the volume is, and whether there is one; a directory of the host is mounted there only while it is used
    const directory = volume.directory ?? `volume:${volume.resource.nameInput}`;
    this.guards.push(...secrets.map((secret) => ({ secret, directory })));
  }

  public describe(): SecretDescription[] {
    return describeSecrets(this.grants);
  }

  /** Notes who gets what; what comes as a variable has to be there before. */
  private grantRead(grant: Grant): void {
    this.grants.push(grant);
    const { secret } = grant.stored;
    if (this.variables !== undefined && secret.isProvided) addDependencies(this.ready, [this.variables.upload(secret)]);
  }

  /** Nothing is uploaded before the host was found to be supported. */
  private secretVariables(version: number): HostSecretVariables {
    const { namespace, host } = this.props;
    return new HostSecretVariables(this, "Variables", { namespace, connection: host.connection, version, after: host.last() });
  }

  private part(): HostPart {
    return {
      name: "secrets",
      summary: "secrets, encrypted on disk and in clear in memory alone",
      steps: () => renderSteps(this.props, this.manifest(), operatorTexts(this)),
    };
  }

  private manifest(): string {
    return [renderManifest(this.grants, this.guards), renderKept(this.grants), renderWatched(this.grants, this.props.authorities ?? {}, FILES)].join("");
  }
}

function renderSteps({ namespace, authorities = {} }: HostSecretStoreProps, manifest: string, texts: OperatorTexts): HostStep[] {
  const script = (path: string) => withOperatorTexts(assetText(path), texts);
  const file = (name: string, text: string) => HostStep.file(`${FILES}/${name}`, text, { mode: "0600" });
  return [
    HostStep.packages(["gnupg", "openssl", "python3", "python3-argon2"]),
    HostStep.directory(CREDENTIALS_DIRECTORY, { mode: "0700" }),
    HostStep.directory(FILES, { mode: "0700" }),
    HostStep.file(SECRETS_TOOL, script("host/assets/secrets.sh"), { mode: "0700" }),
    file("create-secrets.sh", script("secrets/assets/create-secrets.sh")),
    file("certificate-metrics.sh", assetText("secrets/assets/certificate-metrics.sh")),
    ...Object.entries(authorities).map(([name, text]) => file(authorityFile(name), text)),
    file("exchange-secrets.sh", assetText("secrets/assets/exchange-secrets.sh")),
    file("rotate-secrets.sh", assetText("secrets/assets/rotate-secrets.sh")),
    file("hash.py", assetText("host/assets/hash.py")),
    file("hash.json", assetText("secrets/assets/hash.json")),
    file("manifest", manifest),
    HostStep.file(`/etc/systemd/system/${UNIT}`, renderIni(renderUnit(namespace))),
    HostStep.file("/etc/systemd/system/docker.service.d/10-bookstack-secrets.conf", renderIni(DOCKER_SECTIONS)),
    HostStep.command("secrets", [SECRETS_TOOL, namespace, "apply"], { unless: [SECRETS_TOOL, namespace, "check"] }),
    HostStep.service(UNIT),
    HostStep.directory("/var/lib/node-exporter"),
    HostStep.directory(TEXTFILE_DIRECTORY),
    HostStep.file(`/etc/systemd/system/${RENEWAL_UNIT}.service`, renderIni(renderRenewal(namespace))),
    HostStep.file(`/etc/systemd/system/${RENEWAL_UNIT}.timer`, renderIni(RENEWAL_TIMER)),
    HostStep.service(`${RENEWAL_UNIT}.timer`),
    // the timer waits for up to an hour, in which an alert would say that nothing is known
    HostStep.command("the ends of certificates are measured", ["systemctl", "start", `${RENEWAL_UNIT}.service`], {
      unless: ["test", "-s", `${TEXTFILE_DIRECTORY}/certificates.prom`],
    }),
  ];
}

/** Secrets that are never rotated, not even on request. */
function renderKept(grants: readonly Grant[]): string {
  return secretsOf(grants)
    .filter(({ encryptsData }) => encryptsData)
    .map(({ name }) => `keep\t${name}\n`)
    .join("");
}

/** What a service may that works on secrets: it writes to these paths alone, and has no network. */
function confined(writable: string): Sections[string] {
  return {
    NoNewPrivileges: "yes",
    CapabilityBoundingSet: "CAP_CHOWN CAP_FOWNER CAP_DAC_OVERRIDE",
    ProtectSystem: "strict",
    ReadWritePaths: writable,
    ProtectHome: "yes",
    PrivateTmp: "yes",
    PrivateNetwork: "yes",
    ProtectKernelTunables: "yes",
    ProtectKernelModules: "yes",
    ProtectControlGroups: "yes",
    RestrictSUIDSGID: "yes",
    SystemCallArchitectures: "native",
    UMask: "0077",
  };
}

function renderUnit(namespace: string): Sections {
  return {
    Unit: {
      Description: "Secrets of the containers, decrypted into memory",
      AssertPathExists: `${FILES}/manifest`,
      RequiresMountsFor: `${CONFIGURATION} /var/lib/systemd /run`,
      Before: "docker.service",
    },
    Service: {
      Type: "oneshot",
      RemainAfterExit: "yes",
      ExecStart: `${SECRETS_TOOL} ${namespace} load`,
      ...confined("/run"),
    },
    Install: { WantedBy: "multi-user.target" },
  };
}

/** It reads the keys of the authorities, and needs no network for it. */
function renderRenewal(namespace: string): Sections {
  return {
    Unit: { Description: "Renew certificates before they end, and say when each ends", AssertPathExists: `${FILES}/manifest`, After: UNIT },
    Service: {
      Type: "oneshot",
      ExecStart: `${SECRETS_TOOL} ${namespace} renew`,
      ...confined(`${CREDENTIALS_DIRECTORY} /run /var/lib/node-exporter`),
    },
  };
}

const RENEWAL_TIMER: Sections = {
  Unit: { Description: "Renew certificates before they end, once a day" },
  Timer: { OnBootSec: "2m", OnCalendar: "daily", RandomizedDelaySec: "1h", Persistent: "true" },
  Install: { WantedBy: "timers.target" },
};

/** Wants, not Requires: a restart of the secrets unit must not stop Docker. Without secrets Docker does not start, and creates no empty directories instead. */
const DOCKER_SECTIONS = {
  Unit: { Wants: UNIT, After: UNIT },
  Service: { ExecStartPre: `/usr/bin/systemctl --quiet is-active ${UNIT}` },
};

class HostSecretDirectory implements SecretDirectory {
  public readonly mount;
  public readonly dependsOn;
  public readonly exemption = {
    rule: "no-host-paths",
    reason: "reads its own secrets, which the host decrypts into memory; they are on no disk that a volume could be on",
  };
  private readonly names = new Set<string>();

  constructor(
    namespace: string,
    service: string,
    ready: TerraformResource,
    private readonly grantRead: (stored: StoredFile) => void,
  ) {
    // a mount of type bind: unlike a volume, it is an error while the directory is missing
    this.mount = { type: "bind", source: serviceDirectory(namespace, service), target: SECRETS_DIRECTORY, readOnly: true };
    this.dependsOn = [ready];
  }

  public add(stored: StoredFile): SecretFile {
    if (!this.names.has(stored.name)) this.grantRead(stored);
    this.names.add(stored.name);
    return { path: `${SECRETS_DIRECTORY}/${stored.name}` };
  }
}
