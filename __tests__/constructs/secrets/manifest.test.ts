import { type Grant, type Guard, renderManifest, secretsOf } from "../../../constructs/secrets/manifest";
import { Authority, SecretText, ServerCertificate } from "../../../constructs/secrets/secret";

const authority = new Authority("zz_ca", "example.com");
const certificate = new ServerCertificate("edge", authority, () => ["b.example.com", "a.example.com"]);
const key = SecretText.laravelKey("app_key");
const grants: readonly Grant[] = [
  { service: "web", user: "1000:1000", stored: key },
  { service: "edge", user: "65532:65532", stored: certificate.key },
  { service: "edge", user: "65532:65532", stored: certificate.certificate },
  { service: "db", user: "999:999", stored: SecretText.password("password", 40) },
];
const guards: readonly Guard[] = [
  { secret: SecretText.password("password"), directory: "/guards/database" },
  { secret: key, directory: "/guards/database" },
];

describe("renderManifest", () => {
  test("says first what to guard, then what to create, authorities before what they sign, then who gets what", () => {
    expect(renderManifest(grants, guards).split("\n")).toEqual([
      "guard\tapp_key\t/guards/database",
      "guard\tpassword\t/guards/database",
      "create\tzz_ca\tauthority\texample.com\t-",
      "create\tapp_key\tlaravel-key\t-\t-",
      "create\tedge\tcertificate\tzz_ca\ta.example.com,b.example.com",
      "create\tpassword\tpassword\t40\t-",
      "give\tapp_key\tweb\t1000:1000",
      "give\tedge.crt\tedge\t65532:65532",
      "give\tedge.key\tedge\t65532:65532",
      "give\tpassword\tdb\t999:999",
      "",
    ]);
  });

  test("is the same whatever the order of calls", () => {
    expect(renderManifest([...grants].reverse(), [...guards].reverse())).toBe(renderManifest(grants, guards));
  });

  test("is empty without grants", () => {
    expect(renderManifest([], [])).toBe("");
  });
});

describe("secretsOf", () => {
  test("names each secret once, also one with several grants and a CA without any", () => {
    const twice = [...grants, { service: "backup", user: "1:1", stored: key }];
    expect(secretsOf(twice).map(({ name }) => name)).toEqual(["zz_ca", "app_key", "edge", "password"]);
  });
});
