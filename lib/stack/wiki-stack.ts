import { App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { SecretStore } from "../../constructs/contracts/secret-store";
import { setOperatorTexts } from "../../constructs/core/operator-texts";
import type { IDatabase } from "../../constructs/database/database";
import type { DataVolumes } from "../../constructs/docker/data-volumes";
import type { Authelia } from "../../constructs/edge/authelia/authelia";
import type { CrowdSec } from "../../constructs/edge/crowdsec/crowdsec";
import { Access } from "../../constructs/edge/traefik/access";
import type { Traefik } from "../../constructs/edge/traefik/traefik";
import type { HardenedHost } from "../../constructs/host/hardened-host";
import { VolumeSecretStore } from "../../constructs/secrets/volume-store";
import type { BookStack } from "../../constructs/wiki/bookstack";
import type { Environment } from "../environment/schema";
import { accessBehind } from "./access";
import { makeAuthelia } from "./authelia";
import { stateBackend } from "./backend";
import { makeBackup } from "./backup";
import { makeBookStack } from "./bookstack";
import { completeFolder } from "./bundle";
import { certificateMetrics, renewCertificates } from "./certificates";
import { createContext, type StackContext } from "./context";
import { makeCrowdSec } from "./crowdsec";
import { makeRecords } from "./dns";
import { chooseDockerProvider } from "./docker-provider";
import { completeHost } from "./host";
import { type Monitoring, makeMonitoring } from "./monitoring";
import { makeDatabase } from "./mysql";
import { OPERATOR_TEXTS } from "./operator-texts";
import { addOutputs } from "./outputs";
import { dockerProvider } from "./provider";
import { applyRules } from "./rules";
import { makeReplica, makeStandbySource } from "./standby";
import { makeTraefik } from "./traefik";

/** BookStack's API: paths without dots and escapes, so that none reaches another path; it requires a token itself. */
const API = "^/api/[a-z0-9/-]+([?].*)?$";
/** Its documentation is a page for people. */
const API_DOCUMENTATION = "^/api/docs";
/** The services of a wiki. */
interface Parts {
  readonly mysql: IDatabase;
  readonly authelia: Authelia;
  readonly bookstack: BookStack;
  readonly traefik: Traefik;
  readonly crowdsec: CrowdSec;
}

/** What a stack has only where its host serves the wiki. */
type Made = Pick<WikiStack, "urls" | "openPaths" | "wiki" | "monitoring">;

/** One wiki: its parts, and which of them may connect to which. */
export class WikiStack extends TerraformStack {
  public readonly secrets: SecretStore;
  /** The host below the containers; nothing where it is left alone. */
  public readonly host: HardenedHost | undefined;
  /** What watches it; nothing where the environment has none. */
  public readonly monitoring: Monitoring | undefined;
  /** BookStack itself; nothing on a standby. */
  public readonly wiki: BookStack | undefined;
  /** `https://…` of everything that people open. */
  public readonly urls: Readonly<Record<string, string>>;
  /** Host name → paths that need no session. */
  public readonly openPaths: Readonly<Record<string, readonly string[]>>;
  /** What services keep. */
  public readonly volumes: DataVolumes;
  private rendered: object | undefined;

  constructor(scope: Construct, environment: Environment) {
    super(scope, environment.name);
    setOperatorTexts(this, OPERATOR_TEXTS);
    stateBackend(this, environment);
    const engine = dockerProvider(this, environment.docker);
    completeFolder(this, environment);

    const context = createContext(this, environment, engine);
    this.volumes = context.volumes;
    this.host = context.host;
    this.secrets = context.secrets;
    const made = environment.replication?.role === "replica" ? this.replica(context) : this.whole(context);
    this.urls = made.urls;
    this.openPaths = made.openPaths;
    this.wiki = made.wiki;
    this.monitoring = made.monitoring;
    addOutputs(this, this.urls);
    chooseDockerProvider(this, environment.providers.docker);
    applyRules(this, environment);
  }

  /** Nothing to do: the stack has its backend, and refers to no other one. */
  public override prepareStack(): void {}

  /** Terraform's JSON. A stack that is locked renders it once: the policy, the summary and the files that are written all read it. */
  public override toTerraform(): ReturnType<TerraformStack["toTerraform"]> {
    if (!this.node.locked) return super.toTerraform();
    this.rendered ??= super.toTerraform();
    return this.rendered;
  }

  /** What serves the wiki. */
  private whole(context: StackContext): Made {
    const { environment } = context;
    const parts = this.parts(context);
    this.routes(context, parts);
    const { mysql, authelia, bookstack, traefik, crowdsec } = parts;
    const backup = makeBackup(this, context, { mysql, parts: [bookstack, authelia, crowdsec, traefik] });
    if (environment.replication) makeStandbySource(this, context);
    const certificates = certificateMetrics(context);
    const monitoring = makeMonitoring(this, context, { ...parts, backup, certificates });
    renewCertificates(this, context, certificates);
    makeRecords(this, context, parts);
    completeHost(this, context, parts);
    const { grafana, ...urls } = context.urls;
    return { monitoring, wiki: bookstack, urls: environment.monitoring.enabled ? { ...urls, grafana } : urls, openPaths: traefik.openPaths() };
  }

  /**
   * What follows another host: nothing serves the wiki, or writes to its data. All volumes stay, because the host may have served the
   * wiki before, and has its backups and logs.
   */
  private replica(context: StackContext): Made {
    makeReplica(this, context);
    const { environment } = context;
    const whole = new WikiStack(new App(), { ...environment, replication: { role: "source", serverId: 0 } });
    context.volumes.keep(whole.volumes);
    if (context.secrets instanceof VolumeSecretStore && whole.secrets instanceof VolumeSecretStore) context.secrets.keep(whole.secrets);
    return { urls: {}, openPaths: {}, wiki: undefined, monitoring: undefined };
  }

  /** The services, and what they ask of each other. */
  private parts(context: StackContext): Parts {
    const { bookstack: wikiHost, dashboard } = context.hostNames;
    const mysql = makeDatabase(this, context);
    const authelia = makeAuthelia(this, context);
    authelia.protect(wikiHost, { open: [API], closed: [API_DOCUMENTATION] });
    authelia.protect(dashboard, { groups: ["admin"] });
    const bookstack = makeBookStack(this, context, { mysql, authelia });
    const traefik = makeTraefik(this, context);
    const logs = { traefik: traefik.accessLog, authelia: authelia.log, ...(mysql.errorLog ? { mysql: mysql.errorLog } : {}), bookstack: bookstack.errorLog };
    const crowdsec = makeCrowdSec(this, context, { logs });
    traefik.blockBy(crowdsec);
    return { mysql, authelia, bookstack, traefik, crowdsec };
  }

  /** Routes of all names, and their access. */
  private routes(context: StackContext, { authelia, bookstack, traefik }: Parts): void {
    const { hostNames } = context;
    traefik.route("bookstack", hostNames.bookstack, bookstack, { ...bookstack.edge, access: accessBehind(authelia, context) });
    traefik.route("auth", hostNames.portal, authelia, { ...authelia.edge, access: Access.open() });
    traefik.exposeDashboard(hostNames.dashboard, Access.behind(authelia));
  }
}
