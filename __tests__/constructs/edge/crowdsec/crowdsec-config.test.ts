import { parse, parseAllDocuments } from "yaml";
import { assetText } from "../../../../constructs/core/asset";
import { Duration } from "../../../../constructs/core/duration";
import {
  renderAcquisition,
  renderAppsec,
  renderConfig,
  renderFlood,
  renderProfiles,
  renderTrusted,
} from "../../../../constructs/edge/crowdsec/crowdsec-config";

describe("profiles", () => {
  const profiles = parseAllDocuments(renderProfiles({ first: Duration.seconds(300), longest: Duration.seconds(3600) })).map((document) => document.toJS());
  const [first, already, range] = profiles;

  test("ban for five minutes, doubled with each ban before, up to an hour", () => {
    expect(first).toMatchObject({
      decisions: [{ type: "ban", duration: "300s" }],
      duration_expr: "Sprintf('%ds', int(min(300 * 2 ** GetDecisionsCount(Alert.GetValue()), 3600)))",
      on_success: "break",
    });
  });

  test("change nothing while a ban holds: one attack sets off several scenarios at once", () => {
    expect(first.filters).toEqual(['Alert.Remediation == true && Alert.GetScope() == "Ip" && GetActiveDecisionsCount(Alert.GetValue()) == 0']);
    expect(already).toEqual({ name: "banned_already", filters: ['Alert.Remediation == true && Alert.GetScope() == "Ip"'], on_success: "break" });
  });

  test("know ranges too", () => {
    expect(range).toMatchObject({ filters: ['Alert.Remediation == true && Alert.GetScope() == "Range"'], decisions: [{ type: "ban", duration: "300s" }] });
  });
});

describe("what is read", () => {
  test("may come later than CrowdSec: a file that is not there yet is watched for", () => {
    expect(renderAcquisition("/logs/traefik/access.log", "traefik")).toEqual({
      filenames: ["/logs/traefik/access.log"],
      labels: { type: "traefik" },
      force_inotify: true,
    });
  });

  test("can be requests themselves", () => {
    expect(renderAppsec()).toMatchObject({ source: "appsec", listen_addr: "0.0.0.0:7422", appsec_configs: ["crowdsecurity/appsec-default"] });
  });

  test("is forgotten after thirty days", () => {
    expect(renderConfig()).toHaveProperty("db_config.flush.max_age", "30d");
  });
});

describe("ignored requests", () => {
  test("are networks, one by one", () => {
    expect(renderTrusted(["10.0.0.0/24", "2001:db8::/48"])).toHaveProperty("whitelist.cidr", ["10.0.0.0/24", "2001:db8::/48"]);
  });

  test("are those that Traefik itself refused", () => {
    const { filter, whitelist } = parse(assetText("edge/crowdsec/assets/parsers/s02-enrich/edge-bans.yaml"));
    expect(filter).toContain("['403', '429']");
    expect(whitelist.expression).toEqual([expect.stringMatching(/^evt\.Unmarshaled\.traefik\.ServiceURL == nil && /)]);
  });

  test("is not a client without a session: only the status is taken from its line", () => {
    const { filter, statics, whitelist } = parse(assetText("edge/crowdsec/assets/parsers/s02-enrich/edge-sign-on.yaml"));
    expect(filter).toContain("evt.Unmarshaled.traefik.ServiceURL == nil");
    expect({ statics, whitelist }).toEqual({ statics: [{ meta: "http_status", value: "no-session" }], whitelist: undefined });
  });
});

describe("our own scenarios", () => {
  const scenarios = ["bookstack", "edge"].flatMap((file) =>
    parseAllDocuments(assetText(`edge/crowdsec/assets/scenarios/${file}.yaml`)).map((document) => document.toJS()),
  );

  test("ban, each with a unique name", () => {
    expect(scenarios.map(({ name }) => name)).toEqual([
      "secure-bookstack/bookstack-bf",
      "secure-bookstack/bookstack-slow-bf",
      "secure-bookstack/bookstack-api-bf",
      "secure-bookstack/edge-probing",
      "secure-bookstack/edge-scanner",
    ]);
    for (const { type, groupby, labels } of scenarios) {
      expect([type, labels.remediation, labels.spoofable]).toEqual(["leaky", true, 0]);
      expect(groupby).toMatch(/^evt\.Meta\.source_ip/);
    }
  });
});

describe("asking too often", () => {
  test("is a reason for a ban only over the rate limit of the edge, which decides how many refused requests are forgiven", () => {
    expect(renderFlood({ perMinute: 100, burst: 50 })).toMatchObject({ capacity: 100, leakspeed: "240ms", filter: expect.stringContaining("'over-limit'") });
    expect(renderFlood({ perMinute: 1000, burst: 400 })).toMatchObject({ capacity: 800, leakspeed: "24ms" });
  });

  test("within the rate limit is no crawl", () => {
    const { whitelist } = parse(assetText("edge/crowdsec/assets/postoverflows/s01-whitelist/edge-crawl.yaml"));
    expect(whitelist.expression).toEqual(["evt.Overflow.Alert.GetScenario() == 'crowdsecurity/http-crawl-non_statics'"]);
  });
});
