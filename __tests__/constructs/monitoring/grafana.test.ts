import { parse } from "yaml";
import { Duration } from "../../../constructs/core/duration";
import type { DashboardSettings } from "../../../constructs/monitoring/dashboard";
import { Grafana, type GrafanaProps } from "../../../constructs/monitoring/grafana";
import { SecretText } from "../../../constructs/secrets/secret";
import { LEAST } from "../../support/alerts";
import { planOf } from "../../support/plan";

function settings(backup: boolean): DashboardSettings {
  return backup ? { ...LEAST, backup: { remotes: [] } } : LEAST;
}

function planWith(props: Partial<GrafanaProps> = {}, use: (grafana: Grafana) => void = () => undefined) {
  return planOf(({ stack, namespace, image, networks, volumes, secrets }) => {
    const grafana = new Grafana(stack, "Grafana", {
      namespace,
      image,
      network: networks.backend,
      url: "https://grafana.wiki.example.com",
      session: Duration.parse("8h"),
      breakGlass: false,
      prometheus: { url: "http://172.30.20.20:9090" },
      alertmanager: { url: "http://172.30.20.21:9093" },
      signOn: {
        registerClient: ({ id, redirectUri, homeUrl, secrets: directory }) => {
          expect([id, redirectUri, homeUrl]).toEqual(["grafana", "https://grafana.wiki.example.com/login/generic_oauth", "https://grafana.wiki.example.com/"]);
          return {
            issuer: "https://auth.wiki.example.com",
            clientId: id,
            clientSecret: directory.add(SecretText.password("oidc_grafana_secret", 64)),
            signOutUrl: "https://auth.wiki.example.com/logout?rd=x",
            resolve: "auth.wiki.example.com:443:172.30.20.10",
            ca: { path: "/run/secrets/edge_ca.crt" },
            session: Duration.parse("1h"),
            inactivity: Duration.parse("1h"),
          };
        },
      },
      dashboards: settings(false),
      volumes,
      secrets,
      operator: secrets.directory("operator", "0:0"),
      limits: { memoryMiB: 512 },
      ...props,
    });
    use(grafana);
  });
}

/** `section.key` → value. */
function ini(props: Partial<GrafanaProps> = {}): Record<string, string> {
  let section = "";
  const lines = planWith(props).file("test-grafana", "grafana.ini").split("\n");
  return Object.fromEntries(
    lines.flatMap((line) => {
      section = /^\[(.*)\]$/.exec(line)?.[1] ?? section;
      return line.includes("=") ? [[`${section}.${line.slice(0, line.indexOf("="))}`, line.slice(line.indexOf("=") + 1)]] : [];
    }),
  );
}

describe("Grafana", () => {
  const plan = planWith();
  const container = plan.container("test-grafana");

  test("listens on one internal address of the host, and is routed by it", () => {
    expect(container).toMatchObject({ network_mode: "host", user: "472:0", read_only: true, host: [{ host: "auth.wiki.example.com", ip: "172.30.20.10" }] });
    expect(ini()).toMatchObject({ "server.http_addr": "172.30.20.1", "server.http_port": "3000", "server.root_url": "https://grafana.wiki.example.com/" });
    planWith({}, ({ httpServers, hosts, metricsAddress }) =>
      expect([httpServers, hosts, metricsAddress]).toEqual([["http://172.30.20.1:3000"], { grafana: "172.30.20.1" }, "grafana:3000"]),
    );
  });

  test("has its secrets from files, and a person can read the local administrator's password", () => {
    expect(container.env).toEqual(
      expect.arrayContaining([
        "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET__FILE=/run/secrets/oidc_grafana_secret",
        "GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/grafana_admin_password",
        "GF_SECURITY_SECRET_KEY__FILE=/run/secrets/grafana_secret_key",
      ]),
    );
    const manifest = plan.file("test-secrets", "manifest");
    expect(manifest).toContain("give\tgrafana_admin_password\toperator\t0:0\n");
    expect(manifest).toContain("guard\tgrafana_secret_key\t/guards/grafana\n");
  });

  test("signs people on at the portal, and makes administrators of those in the group admin", () => {
    expect(ini()).toMatchObject({
      "auth.disable_login_form": "true",
      "auth.basic.enabled": "false",
      "auth.anonymous.enabled": "false",
      "auth.login_maximum_lifetime_duration": "28800s",
      "auth.signout_redirect_url": "https://auth.wiki.example.com/logout?rd=x",
      "auth.generic_oauth.auto_login": "true",
      "auth.generic_oauth.token_url": "https://auth.wiki.example.com/api/oidc/token",
      "auth.generic_oauth.role_attribute_path": "contains(groups[*], 'admin') && 'Admin' || 'Viewer'",
      "auth.generic_oauth.use_pkce": "true",
      "auth.generic_oauth.tls_client_ca": "/run/secrets/edge_ca.crt",
    });
  });

  test("has a form for its local administrator while the portal is bypassed, and only then", () => {
    expect(ini({ breakGlass: true })).toMatchObject({
      "auth.disable_login_form": "false",
      "auth.basic.enabled": "true",
      "auth.generic_oauth.auto_login": "false",
    });
  });

  test("asks nothing of the internet, and judges nothing itself", () => {
    expect(ini()).toMatchObject({
      "analytics.reporting_enabled": "false",
      "analytics.check_for_updates": "false",
      "plugins.preinstall_disabled": "true",
      "news.news_feed_enabled": "false",
      "public_dashboards.enabled": "false",
      "snapshots.enabled": "false",
      "security.content_security_policy_template": expect.stringMatching(/^"""(?!.*(grafana\.com|img-src \*)).*"""$/),
      "unified_alerting.execute_alerts": "false",
    });
  });

  test("has its data sources from read-only files", () => {
    const { datasources } = parse(plan.file("test-grafana", "provisioning/datasources/prometheus.yaml"));
    expect(datasources).toMatchObject([
      { uid: "prometheus", type: "prometheus", url: "http://172.30.20.20:9090", editable: false, isDefault: true },
      { uid: "alertmanager", type: "alertmanager", url: "http://172.30.20.21:9093", editable: false },
    ]);
    expect(parse(plan.file("test-grafana", "provisioning/dashboards/dashboards.yaml")).providers).toMatchObject([
      { allowUiUpdates: false, options: { path: "/etc/grafana-wiki/dashboards" } },
    ]);
    for (const name of ["alerting", "plugins"]) expect(parse(plan.file("test-grafana", `provisioning/${name}/${name}.yaml`))).toEqual({ apiVersion: 1 });
    expect(ini()["dashboards.default_home_dashboard_path"]).toBe("/etc/grafana-wiki/dashboards/overview.json");
  });

  test("shows one file for each dashboard, that of backups only where there are any", () => {
    const shown = (backup: boolean) =>
      planWith({ dashboards: settings(backup) })
        .files()
        .flatMap(({ container: name, path }) => (name === "test-grafana" && path.startsWith("dashboards/") ? [path] : []));
    expect(shown(false)).toEqual(["bookstack", "docker", "mysql", "node", "overview", "security", "traefik"].map((name) => `dashboards/${name}.json`));
    expect(shown(true)).toContain("dashboards/backup.json");
  });

  test("has what one dashboard asks many times counted as such, below both paths of its API", () => {
    planWith({}, ({ edge }) => expect(edge.assets?.guarded).toEqual(["/api/", "/apis/", "/public/"]));
  });

  test("refuses an address that is no https", () => {
    expect(() => planWith({ url: "http://grafana" })).toThrow("url must begin with https://, got http://grafana");
  });
});
