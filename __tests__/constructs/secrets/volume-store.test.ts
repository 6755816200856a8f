import { Authority, SecretText, ServerCertificate } from "../../../constructs/secrets/secret";
import { VolumeSecretStore } from "../../../constructs/secrets/volume-store";
import { context, planOf, read, type TestContext } from "../../support/plan";

describe("VolumeSecretStore", () => {
  const key = SecretText.laravelKey("app_key");

  function planWith(use: (context: TestContext) => void) {
    const plan = planOf(use);
    return { ...plan, manifest: () => plan.file("test-secrets", "manifest").split("\n").slice(0, -1) };
  }

  test("creates secrets in a job without a network, whose only privilege is to change owners", () => {
    expect(planWith(({ secrets }) => secrets.directory("web", "1:1").add(key)).container("test-secrets")).toMatchObject({
      user: "0:0",
      network_mode: "none",
      read_only: true,
      capabilities: { drop: ["ALL"], add: ["CAP_CHOWN"] },
      env: [],
      entrypoint: ["sh", "/etc/job/create-secrets.sh", "/etc/job/manifest", "/store", "/services"],
    });
  });

  test("stores all secrets in one volume and gives each service its own small one", () => {
    const { volume, container } = planWith(({ secrets }) => {
      secrets.directory("web", "1:1").add(key);
      secrets.directory("db", "2:2").add(key);
    });
    for (const name of ["test-secrets", "test-secrets-web", "test-secrets-db"]) expect(volume(name)).toMatchObject({ lifecycle: { prevent_destroy: true } });
    expect(container("test-secrets").mounts.map(({ target }: { target: string }) => target)).toEqual(["/etc/job", "/store", "/services/web", "/services/db"]);
  });

  test("hands a secret over as a file, to the user of the service, once", () => {
    const { manifest } = planWith(({ secrets }) => {
      const directory = secrets.directory("web", "1000:1000");
      expect([directory.add(key), directory.add(key)]).toEqual([{ path: "/run/secrets/app_key" }, { path: "/run/secrets/app_key" }]);
    });
    expect(manifest()).toEqual(["create\tapp_key\tlaravel-key\t-\t-", "give\tapp_key\tweb\t1000:1000"]);
  });

  test("is mounted so that the service cannot write, once the secrets are there", () => {
    planWith(({ secrets }) => {
      const { mount, dependsOn } = secrets.directory("web", "1:1");
      expect(mount).toMatchObject({ type: "volume", target: "/run/secrets", readOnly: true });
      expect(dependsOn).toHaveLength(1);
    });
  });

  test("mounts protected data read-only", () => {
    const { manifest, container } = planWith(({ secrets, volumes }) => {
      const data = volumes.volume("database", { owner: "999:999" });
      secrets.guard(data, [key]);
      secrets.guard(data, [SecretText.password("root")]);
      secrets.directory("web", "1:1").add(key);
    });
    expect(manifest().filter((line) => line.startsWith("guard"))).toEqual(["guard\tapp_key\t/guards/database", "guard\troot\t/guards/database"]);
    const guards = container("test-secrets").mounts.filter(({ target }: { target: string }) => target.startsWith("/guards"));
    expect(guards).toMatchObject([{ target: "/guards/database", read_only: true }]);
    expect(container("test-secrets").depends_on).toContainEqual(expect.stringContaining("Volumes_Owners_Container"));
  });

  test("tells a person what there is and who gets it, and no value", () => {
    const { secrets } = context();
    const certificate = new ServerCertificate("edge", new Authority("ca", "example.com"), () => ["a.example.com"]);
    secrets.directory("web", "1:1").add(key);
    secrets.directory("backup", "1:1").add(key);
    const edge = secrets.directory("edge", "1:1");
    for (const file of [certificate.certificate, certificate.key]) edge.add(file);
    expect(secrets.describe()).toEqual([
      { name: "app_key", kind: "laravel-key", services: ["backup", "web"] },
      { name: "ca", kind: "authority", services: [] },
      { name: "edge", kind: "certificate", services: ["edge"] },
    ]);
  });

  test("may be thrown away when that was asked for", () => {
    const { stack, image, volumes } = context();
    volumes.volume("anything", { owner: "1:1" });
    new VolumeSecretStore(stack, "Loose", { namespace: "loose", image, protect: false });
    expect(read(stack).volume("loose-secrets")).not.toHaveProperty("lifecycle.prevent_destroy");
  });

  test("refuses a second directory of one service", () => {
    const { secrets } = context();
    secrets.directory("web", "1:1");
    expect(() => secrets.directory("web", "2:2")).toThrow('"web" has its directory already; hand that one on');
  });
});
