import { Service } from "../../../constructs/docker/service";
import { HardenedHost } from "../../../constructs/host/hardened-host";
import { HostSecretStore } from "../../../constructs/host/host-secret-store";
import { Slice } from "../../../constructs/host/slice";
import { checkPolicy } from "../../../constructs/policy";
import { SecretText } from "../../../constructs/secrets/secret";
import { fileIn } from "../../support/host-parts";
import { type Block, context, read, type TestContext } from "../../support/plan";

const key = SecretText.laravelKey("app_key");
const password = SecretText.password("mysql_password");

function store(made: TestContext = context()) {
  const host = new HardenedHost(made.stack, "Host", { environment: "test" });
  const secrets = new HostSecretStore(made.stack, "HostSecrets", { namespace: "test", host });
  const manifest = () => fileIn(host.script("secrets"), "/etc/bookstack/secrets/manifest").trim().split("\n");
  return { ...made, host, secrets, manifest };
}

describe("HostSecretStore", () => {
  test("has the host create secrets by the same manifest as a volume has", () => {
    const { secrets, manifest } = store();
    const web = secrets.directory("web", "1000:1000");
    expect([web.add(key), web.add(key), web.add(password)].map(({ path }) => path)).toEqual([
      "/run/secrets/app_key",
      "/run/secrets/app_key",
      "/run/secrets/mysql_password",
    ]);
    expect(manifest()).toEqual([
      "create\tapp_key\tlaravel-key\t-\t-",
      "create\tmysql_password\tpassword\t32\t-",
      "give\tapp_key\tweb\t1000:1000",
      "give\tmysql_password\tweb\t1000:1000",
      "keep\tapp_key",
    ]);
  });

  test("gives a service its directory of the host's memory, once it is filled, and no way to write", () => {
    const { secrets, host } = store();
    const { mount, dependsOn } = secrets.directory("web", "1:1");
    expect(mount).toEqual({ type: "bind", source: "/run/bookstack/test/secrets/web", target: "/run/secrets", readOnly: true });
    expect(dependsOn.map(({ friendlyUniqueId }) => `null_resource.${friendlyUniqueId}`)).toEqual([host.address("secrets")]);
  });

  test("exempts services that mount it from the rule about host paths, and no others", () => {
    const { stack, secrets, image, networks, volumes, namespace } = store();
    volumes.volume("anything", { owner: "1:1" });
    const limits = { memoryMiB: 64 };
    const props = { ...limits, namespace, image, networks: [{ network: networks.backend }], user: "1:1", healthCheck: { command: ["true"] } };
    new Service(stack, "With", { ...props, name: "with", mounts: [secrets.directory("with", "1:1")] });
    const { mount, dependsOn } = secrets.directory("without", "1:1");
    new Service(stack, "Without", { ...props, name: "without", mounts: [{ mount, dependsOn }] });
    read(stack);
    expect(checkPolicy(stack)).toEqual([expect.stringMatching(/^test\/Without\/Container breaks no-host-paths: .*"\/run\/bookstack\/test\/secrets\/without"/)]);
  });

  test("has the ends of certificates measured at once: the timer waits for up to an hour", () => {
    const script = store().host.script("secrets");
    const measured = "/var/lib/node-exporter/textfile/certificates.prom";
    const [timer, ensured] = [
      "service bookstack-certificates.timer\n",
      `is_met() { test -s ${measured}; }\nchange() { systemctl start bookstack-certificates.service; }\n`,
    ];
    expect(script).toContain(ensured);
    expect(script.indexOf(ensured)).toBeGreaterThan(script.indexOf(timer));
  });

  test("asks Docker whether protected data exist", () => {
    const { secrets, volumes, manifest } = store();
    secrets.guard(volumes.volume("database", { owner: "999:999" }), [password]);
    secrets.directory("db", "999:999").add(password);
    expect(manifest()[0]).toBe("guard\tmysql_password\tvolume:test-database");
  });

  test("tells a person what there is and who gets it, and no value", () => {
    const { secrets } = store();
    for (const service of ["web", "backup"]) secrets.directory(service, "1:1").add(key);
    expect(secrets.describe()).toEqual([{ name: "app_key", kind: "laravel-key", services: ["backup", "web"] }]);
  });

  test("decrypts before Docker starts, which does not start without", () => {
    const { host } = store();
    const script = host.script("secrets");
    expect(fileIn(script, "/etc/systemd/system/bookstack-secrets.service")).toMatch(/^Before=docker\.service$/m);
    expect(fileIn(script, "/etc/systemd/system/docker.service.d/10-bookstack-secrets.conf")).toContain(
      "ExecStartPre=/usr/bin/systemctl --quiet is-active bookstack-secrets.service\n",
    );
  });

  test("refuses a second directory of one service", () => {
    const { secrets } = store();
    secrets.directory("web", "1:1");
    expect(() => secrets.directory("web", "2:2")).toThrow('"web" has its directory already; hand that one on');
  });

  test("uploads provided secrets before it distributes them, after the host was found to be supported", () => {
    const made = context();
    const host = new HardenedHost(made.stack, "Host", { environment: "test" });
    host.add(new Slice());
    const secrets = new HostSecretStore(made.stack, "HostSecrets", { namespace: "test", host, variables: { version: 3 } });
    const token = SecretText.provided("token");
    for (const service of ["web", "backup"]) secrets.directory(service, "1:1").add(token);
    secrets.directory("db", "1:1").add(password);
    made.volumes.volume("anything", { owner: "1:1" });
    const { variable, resource } = JSON.parse(read(made.stack).json);
    expect(variable).toEqual({ token: expect.objectContaining({ ephemeral: true, sensitive: true, default: "" }) });
    const [address, uploaded] = Object.entries<Block>(resource.null_resource).find(([name]) => name.includes("Bring")) as [string, Block];
    expect(uploaded).toMatchObject({ triggers: { version: "3", host: "this machine" }, depends_on: [host.address("slice")] });
    expect(uploaded.provisioner[0]["local-exec"].environment).toEqual({ SECRET_NAME: "token", SECRET_VALUE: "${var.token}" });
    const [, name = ""] = host.address("secrets").split(".");
    expect(resource.null_resource[name].depends_on).toEqual([host.address("slice"), `null_resource.${address}`]);
  });
});
