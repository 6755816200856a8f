import { parse } from "yaml";
import { parseEnvironment } from "../../lib/environment/load";
import { authorityFile } from "../../lib/operations/operator-files";
import { WikiStack } from "../../lib/wiki-stack";
import { localText } from "../support/example";
import { read, testApp } from "../support/plan";

function planWith(tls: string) {
  const environment = parseEnvironment("local", `${localText()}tls: ${tls}\n`, "local.yaml");
  const stack = new WikiStack(testApp(), environment);
  return { ...read(stack), environment, secrets: stack.secrets.describe() };
}

describe("a certificate of one's own", () => {
  test("comes as two files that the operator brings, and its authority where programs do not know that", () => {
    const names = (tls: string) =>
      planWith(tls).secrets.flatMap(({ name, kind }) => (name.startsWith("tls_") || name.startsWith("edge") ? [`${name} ${kind}`] : []));
    expect(names("{ issuer: files }")).toEqual(["tls_certificate provided-certificate", "tls_key provided-file"]);
    expect(names("{ issuer: files, ca: provided }")).toEqual(["tls_ca provided-file", "tls_certificate provided-certificate", "tls_key provided-file"]);
  });

  test("is trusted where the wiki asks the portal: with the systems' authorities, or with the one that was brought", () => {
    const ini = (tls: string) => planWith(tls).file("local-bookstack", "php/90-wiki.ini");
    expect(ini("{ issuer: files }")).not.toContain("curl.cainfo");
    expect(ini("{ issuer: files, ca: provided }")).toContain("curl.cainfo=/run/secrets/tls_ca");
  });

  test("is checked against the authority that it has", () => {
    expect(["{ issuer: local }", "{ issuer: files }", "{ issuer: files, ca: provided }"].map((tls) => authorityFile(planWith(tls).environment))).toEqual([
      "edge_ca.crt",
      undefined,
      "tls_ca",
    ]);
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
