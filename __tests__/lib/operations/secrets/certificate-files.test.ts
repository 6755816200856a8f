import { execFileSync } from "node:child_process";
import { examine } from "../../../../lib/operations/secrets/certificate-files";
import { TestAuthority } from "../../../support/certificates";
import { describeUnless, missingProgram } from "../../../support/needs";
import { grant, SecretScript } from "../../../support/secret-script";

const NAMES = ["auth.wiki.example.com", "bookstack.wiki.example.com"];

describeUnless(missingProgram("openssl"), "a provided certificate", () => {
  const authority = new TestAuthority();
  const good = authority.issue(NAMES);
  const wildcard = authority.issue(["*.wiki.example.com"]);
  const ended = authority.issue(NAMES, { from: -90, to: -1 });
  const future = authority.issue(NAMES, { from: 2, to: 90 });
  const oneName = authority.issue([NAMES[0] ?? ""]);
  const other = authority.issue(NAMES, { by: authority.root });
  const encrypted = execFileSync("openssl", ["pkey", "-aes256", "-passout", "pass:secret"], { input: good.key, encoding: "utf8" });
  const { certificate: issuing } = authority.intermediate;
  const { certificate: root } = authority.root;

  afterAll(() => authority.remove());

  /** Chain and key → what is wrong with them; the two programs say the same in their own words. */
  const CASES: readonly (readonly [what: string, chain: string, key: string, toOperator: RegExp | undefined, atDeploy: RegExp | undefined])[] = [
    ["the certificate, and what signed it", authority.chain(good), good.key, undefined, undefined],
    ["the certificate alone", good.certificate, good.key, undefined, undefined],
    ["one for all names of the domain", authority.chain(wildcard), wildcard.key, undefined, undefined],
    ["a chain up to the authority", good.certificate + issuing + root, good.key, undefined, undefined],
    ["one that has ended", authority.chain(ended), ended.key, /the certificate ended on /, /tls_certificate ended on /],
    ["one that is not valid yet", authority.chain(future), future.key, /the certificate begins on /, /certificate is not yet valid/],
    ["one that lacks a name", authority.chain(oneName), oneName.key, /is not for bookstack\.wiki/, /tls_certificate is not for bookstack\.wiki\.example\.com/],
    ["the key of another", authority.chain(good), other.key, /the key is not that of the first/, /tls_key is not the key of the first certificate/],
    ["a key with a passphrase", authority.chain(good), encrypted, /without a passphrase/, /tls_key must be a private key in PEM without a passphrase/],
    ["no key", authority.chain(good), good.certificate, /must be a private key/, /tls_key must be a private key/],
    ["no certificate", "nothing", good.key, /must begin with a certificate/, /tls_certificate must begin with a certificate/],
    ["the wrong order", issuing + good.certificate, good.key, /the key is not that of the first/, /tls_key is not the key of the first/],
    ["what signed another", good.certificate + root, good.key, /certificate 2 of the first file did not sign certificate 1/, /is not a chain in which each/],
  ];

  test.each(CASES)("%s: the operator gets a message", (_, chain, key, problem) => {
    const { problems } = examine({ chain, key }, NAMES);
    if (problem === undefined) expect(problems).toEqual([]);
    else expect(problems.join("\n")).toMatch(problem);
  });

  test.each(CASES)("%s: a deploy reports it, too, before anything is distributed", (_, chain, key, _toOperator, problem) => {
    const script = new SecretScript();
    try {
      script.sandbox.file("store/tls_certificate", chain);
      script.sandbox.file("store/tls_key", key);
      const lines = [
        `create tls_certificate provided-certificate tls_key ${NAMES.join(",")}`,
        "create tls_key provided-file - -",
        grant("tls_certificate", "traefik"),
        grant("tls_key", "traefik"),
      ];
      const { status, stdout, stderr } = script.run(lines);
      if (problem === undefined) {
        expect([status, stdout, stderr]).toEqual([0, "", ""]);
        expect(script.sandbox.list("services/traefik")).toEqual(["tls_certificate", "tls_key"]);
      } else {
        expect([status, stderr]).toEqual([1, expect.stringMatching(problem)]);
        expect(script.sandbox.list("services/traefik")).toEqual([]);
      }
      expect(stdout + stderr).not.toContain("PRIVATE KEY");
    } finally {
      script.sandbox.remove();
    }
  });

  test("says when the certificate ends", () => {
    const { validTo } = examine({ chain: authority.chain(good), key: good.key }, NAMES);
    expect(Math.round((validTo.getTime() - Date.now()) / 86_400_000)).toBe(90);
  });
});
