import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseEnvironment } from "../../../lib/environment/load";
import { authorityText } from "../../../lib/operations/secrets/operator-files";
import { WikiStack } from "../../../lib/stack/wiki-stack";
import { localText } from "../../support/example";
import { read, testApp } from "../../support/plan";

function planWith(tls: string) {
  // Let's Encrypt signs for no name below localhost
  const text = tls.includes("letsencrypt") ? localText().replaceAll("wiki.localhost", "wiki.example.com") : localText();
  const environment = parseEnvironment("local", `${text}tls: ${tls}\n`, "local.yaml");
  const stack = new WikiStack(testApp(), environment);
  return { ...read(stack), environment, secrets: stack.secrets.describe() };
}

/** Any certificate, as a line of YAML. */
const CA = JSON.stringify(readFileSync(join(__dirname, "..", "..", "..", "e2e", "support", "foreign-ca.pem"), "utf8"));

describe("a provided certificate", () => {
  test("is two files of the operator", () => {
    const names = planWith("{ issuer: files }").secrets.flatMap(({ name, kind }) => (/^(tls|edge)/.test(name) ? [`${name} ${kind}`] : []));
    expect(names).toEqual(["tls_certificate provided-certificate", "tls_key provided-file"]);
  });

  test("is trusted where the wiki and Grafana ask the portal: with the systems' authorities, or with the one that is named", () => {
    const [known, named] = [planWith("{ issuer: files }"), planWith(`{ issuer: files, ca: ${CA} }`)];
    const portalCa = ({ container }: typeof known) => container("local-bookstack").env.filter((line: string) => line.startsWith("WIKI_PORTAL_CA"));
    expect([portalCa(known), portalCa(named)]).toEqual([[], ["WIKI_PORTAL_CA=/etc/bookstack/certificates/portal.pem"]]);
    expect(named.file("local-bookstack", "certificates/portal.pem")).toBe(JSON.parse(CA));
    expect(known.file("local-grafana", "grafana.ini")).not.toContain("tls_client_ca");
    expect(named.file("local-grafana", "grafana.ini")).toContain("tls_client_ca=/etc/grafana-wiki/portal.pem");
    expect(named.file("local-grafana", "portal.pem")).toBe(JSON.parse(CA));
  });

  test("is checked against the authority that is named", () => {
    expect(["{ issuer: files }", `{ issuer: files, ca: ${CA} }`].map((tls) => authorityText(planWith(tls).environment))).toEqual([undefined, JSON.parse(CA)]);
  });
});

test("each secret of a DNS provider has a name by which it is stored", () => {
  const challenge = "{ provider: route53, secrets: [AWS_SHARED_CREDENTIALS_FILE], variables: [AWS_REGION=eu-west-1] }";
  const plan = planWith(`{ issuer: letsencrypt, email: ops@example.com, challenge: ${challenge} }`);
  expect(plan.secrets.filter(({ name }) => name.startsWith("dns_"))).toEqual([
    { name: "dns_aws_shared_credentials_file", kind: "provided-file", services: ["traefik"] },
  ]);
  expect(plan.container("local-traefik").env.filter((line: string) => !line.startsWith("GO"))).toEqual([
    "AWS_REGION=eu-west-1",
    "AWS_SHARED_CREDENTIALS_FILE=/run/secrets/dns_aws_shared_credentials_file",
  ]);
  expect(parse(plan.file("local-traefik", "traefik.yml")).certificatesResolvers.letsencrypt.acme.dnsChallenge).toEqual({ provider: "route53" });
});
