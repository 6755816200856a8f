import type { SignOnAccess } from "../contracts/identity-provider";
import type { Duration } from "../core/duration";
import type { Sections } from "../core/render";
import { PROMETHEUS_UID } from "./panel-json";
import { seconds } from "./promql";

export const CONFIG_DIRECTORY = "/etc/grafana-wiki";
export const CONFIG_FILE = "grafana.ini";
export const DATA_DIRECTORY = "/var/lib/grafana";
export const PROVISIONING_DIRECTORY = `${CONFIG_DIRECTORY}/provisioning`;
export const DASHBOARDS_DIRECTORY = `${CONFIG_DIRECTORY}/dashboards`;
/** Authority of the portal, where it is in no store of secrets. */
export const PORTAL_CA_FILE = "portal.pem";
export const PORT = 3000;
/** What people see first. */
const HOME = "overview";
/** The local administrator, for when the portal is broken, and the name of its password. */
export const ADMINISTRATOR = "breakglass";
export const PASSWORD_NAME = "grafana_admin_password";
/** Group of the portal that may change things. */
const ADMINISTRATORS = "admin";

/** Grafana's own, without pictures from everywhere and without grafana.com. */
const CONTENT_SECURITY_POLICY = [
  "script-src 'self' 'unsafe-eval' 'unsafe-inline' 'strict-dynamic' $NONCE",
  "object-src 'none'",
  "font-src 'self'",
  "style-src 'self' 'unsafe-inline' blob:",
  "img-src 'self' data: blob:",
  "base-uri 'self'",
  "connect-src 'self' ws://$ROOT_PATH wss://$ROOT_PATH",
  "manifest-src 'self'",
  "media-src 'none'",
  "form-action 'self'",
].join(";");

export interface GrafanaSettings {
  /** The only address on which it listens. */
  readonly address: string;
  /** `https://…` of Grafana. */
  readonly url: string;
  readonly signOn: SignOnAccess;
  /** Maximum session length: the same as at the portal. */
  readonly session: Duration;
  /** Whether the form for the local administrator is shown. */
  readonly breakGlass: boolean;
}

/** `grafana.ini`. Secrets come from files that variables name. */
export function renderIni({ address, url, signOn, session, breakGlass }: GrafanaSettings): Sections {
  return {
    server: { http_addr: address, http_port: PORT, domain: new URL(url).hostname, root_url: `${url}/`, enable_gzip: "true" },
    database: { type: "sqlite3", wal: "true" },
    security: {
      admin_user: ADMINISTRATOR,
      cookie_secure: "true",
      cookie_samesite: "lax",
      disable_gravatar: "true",
      content_security_policy: "true",
      content_security_policy_template: `"""${CONTENT_SECURITY_POLICY}"""`,
      disable_initial_admin_creation: "false",
    },
    users: { allow_sign_up: "false", allow_org_create: "false", default_theme: "system" },
    auth: {
      disable_login_form: `${!breakGlass}`,
      // the user at the portal may have changed meanwhile
      login_maximum_lifetime_duration: seconds(session),
      login_maximum_inactive_lifetime_duration: seconds(session),
      signout_redirect_url: signOn.signOutUrl,
    },
    "auth.anonymous": { enabled: "false" },
    "auth.basic": { enabled: `${breakGlass}` },
    "auth.generic_oauth": renderSignOn(signOn, breakGlass),
    // the alerts are Prometheus' own; here they are shown
    unified_alerting: { enabled: "true", execute_alerts: "false" },
    dashboards: { default_home_dashboard_path: `${DASHBOARDS_DIRECTORY}/${HOME}.json`, min_refresh_interval: "5s" },
    // it has no way out, and shall not look for one
    analytics: { reporting_enabled: "false", check_for_updates: "false", check_for_plugin_updates: "false", feedback_links_enabled: "false" },
    plugins: { preinstall_disabled: "true", plugin_admin_enabled: "false", public_key_retrieval_disabled: "true" },
    snapshots: { enabled: "false", external_enabled: "false" },
    public_dashboards: { enabled: "false" },
    news: { news_feed_enabled: "false" },
    live: { max_connections: 0 },
    metrics: { enabled: "true", disable_total_stats: "true" },
    log: { mode: "console", level: "warn" },
  };
}

function renderSignOn({ issuer, clientId, ca, caText }: SignOnAccess, breakGlass: boolean) {
  return {
    enabled: "true",
    name: "the portal",
    // users have signed in at the portal: no other click is needed
    auto_login: `${!breakGlass}`,
    allow_sign_up: "true",
    client_id: clientId,
    scopes: "openid profile email groups",
    auth_url: `${issuer}/api/oidc/authorization`,
    token_url: `${issuer}/api/oidc/token`,
    api_url: `${issuer}/api/oidc/userinfo`,
    use_pkce: "true",
    auth_style: "InHeader",
    login_attribute_path: "preferred_username",
    name_attribute_path: "name",
    groups_attribute_path: "groups",
    role_attribute_path: `contains(groups[*], '${ADMINISTRATORS}') && 'Admin' || 'Viewer'`,
    role_attribute_strict: "true",
    skip_org_role_sync: "false",
    ...(caText === undefined ? {} : { tls_client_ca: `${CONFIG_DIRECTORY}/${PORTAL_CA_FILE}` }),
    ...(ca === undefined ? {} : { tls_client_ca: ca.path }),
  };
}

/** `provisioning/datasources/prometheus.yaml`; `interval` is that of the readings, from which Grafana derives how far apart two points are. */
export function renderDataSources(prometheus: string, alertmanager: string, interval: Duration): object {
  const common = { access: "proxy", editable: false };
  return {
    apiVersion: 1,
    prune: true,
    datasources: [
      {
        ...common,
        name: "Prometheus",
        uid: PROMETHEUS_UID,
        type: "prometheus",
        url: prometheus,
        isDefault: true,
        jsonData: {
          httpMethod: "POST",
          prometheusType: "Prometheus",
          alertmanagerUid: "alertmanager",
          manageAlerts: true,
          timeInterval: `${Math.ceil(interval.seconds)}s`,
        },
      },
      {
        ...common,
        name: "Alertmanager",
        uid: "alertmanager",
        type: "alertmanager",
        url: alertmanager,
        jsonData: { implementation: "prometheus", handleGrafanaManagedAlerts: false },
      },
    ],
  };
}

/** `provisioning/dashboards/dashboards.yaml`. */
export function renderProvider(): object {
  return {
    apiVersion: 1,
    providers: [
      {
        name: "secure-bookstack",
        type: "file",
        disableDeletion: true,
        allowUiUpdates: false,
        // the files change with the container
        updateIntervalSeconds: 3600,
        options: { path: DASHBOARDS_DIRECTORY, foldersFromFilesStructure: false },
      },
    ],
  };
}
