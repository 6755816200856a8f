import { Authority, SecretText, ServerCertificate } from "../../../constructs/secrets/secret";

describe("SecretText", () => {
  test("is one file with its own name", () => {
    const secret = SecretText.password("wiki_admin_password");
    expect(secret.name).toBe("wiki_admin_password");
    expect(secret.secret).toBe(secret);
  });

  test("says how the script makes it", () => {
    expect([SecretText.password("p"), SecretText.password("p", 64), SecretText.laravelKey("k")].map((secret) => [secret.kind, ...secret.args()])).toEqual([
      ["password", "32"],
      ["password", "64"],
      ["laravel-key"],
    ]);
  });

  // a name becomes a file, a line of the manifest and an argument
  test.each(["", "Key", "1key", "a b", "a/b", "../key", "a.key", "a.crt", "a..b", ".a", "a.", "a-", "a\tb", "a\n"])("refuses the name %j", (name) => {
    expect(() => SecretText.password(name)).toThrow(`a secret's name has lower-case letters, digits, "_", and "." or "-" between them only, got "${name}"`);
  });
});

describe("ServerCertificate", () => {
  test("is a key and a certificate, each a file that can be given alone", () => {
    const certificate = new ServerCertificate("edge", new Authority("ca", "example.com"), () => ["a.example.com"]);
    expect([certificate.certificate.name, certificate.key.name]).toEqual(["edge.crt", "edge.key"]);
    expect(certificate.key.secret).toBe(certificate);
  });

  test("asks for its names late, and orders them", () => {
    const names: string[] = [];
    const certificate = new ServerCertificate("edge", new Authority("ca", "example.com"), () => names);
    names.push("b.example.com", "a.example.com");
    expect(certificate.args()).toEqual(["ca", "a.example.com,b.example.com"]);
    expect(names).toEqual(["b.example.com", "a.example.com"]);
  });
});
