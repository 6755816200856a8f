import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import type { Environment } from "../../../lib/environment/schema";
import { buildApplication, warningsOf } from "../../../lib/stack/application";
import { DOCKER_PROVIDERS, providerLock } from "../../../lib/stack/docker-provider";
import { imagesFor } from "../../../lib/stack/images";
import { exampleEnvironment, localEnvironment } from "../../support/example";
import type { Block } from "../../support/plan";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA";
const PLACES: readonly Environment["docker"][] = [
  { host: "unix:///var/run/docker.sock" },
  { host: "ssh://deploy@203.0.113.10", hostKey: KEY },
  { host: "tcp://203.0.113.10:2376", certificates: "/etc/docker/client" },
  { host: "tcp://203.0.113.10:2376" },
];

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "place-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

const made = new Map<string, { readonly folder: string; readonly warnings: readonly string[] }>();

/** The stack's own folder, written for `environment`; once for equal ones. */
function written(environment: Environment) {
  const text = inspect(environment, { depth: Number.POSITIVE_INFINITY });
  const { folder, warnings } = made.get(text) ?? write(environment, join(directory, `${made.size}`));
  made.set(text, { folder, warnings });
  const plan: Block = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8"));
  return { folder, plan, warnings };
}

function write(environment: Environment, outdir: string) {
  const { app, stacks } = buildApplication([environment], { outdir });
  app.synth();
  return { folder: join(outdir, "stacks", environment.name), warnings: stacks.flatMap(warningsOf) };
}

test("whatever the way to the Docker host, what is created is the same", () => {
  const environment = localEnvironment();
  const plans = PLACES.map((docker) => written({ ...environment, docker, monitoring: { ...environment.monitoring, enabled: false } }).plan.resource);
  for (const plan of plans) expect(plan).toEqual(plans[0]);
});

test("monitoring measures Docker's certificate where Docker is reached by TLS, and adds nothing else", () => {
  const [socket, , tls] = PLACES.map((docker) => written({ ...localEnvironment(), docker }).plan.resource);
  const names = (plan: Block) => Object.values<Block>(plan).flatMap((resources) => Object.keys(resources));
  const added = names(tls).filter((name) => !names(socket).includes(name));
  expect(added.length).toBeGreaterThan(0);
  expect(added.filter((name) => !/^(Monitoring_DockerCertificate_|Volumes_docker-certificate_)/.test(name))).toEqual([]);
});

describe("the way to the Docker host", () => {
  const provider = (docker: Environment["docker"]) => written({ ...localEnvironment(), docker }).plan.provider.docker[0];

  test("by SSH has the host's key in the stack's own folder", () => {
    const { folder, plan } = written({ ...localEnvironment(), docker: { host: "ssh://deploy@203.0.113.10", hostKey: KEY } });
    const { ssh_opts: options } = plan.provider.docker[0];
    expect(options).toEqual(expect.arrayContaining(["StrictHostKeyChecking=yes", "UserKnownHostsFile=known_hosts", "ControlMaster=auto"]));
    expect(readFileSync(join(folder, "known_hosts"), "utf8")).toBe(`docker-host ${KEY}\n`);
  });

  test("by TLS names a directory, or sensitive variables", () => {
    expect(provider({ host: "tcp://203.0.113.10:2376", certificates: "/etc/docker/client" })).toEqual({
      host: "tcp://203.0.113.10:2376",
      cert_path: "/etc/docker/client",
    });
    const { plan } = written({ ...localEnvironment(), docker: { host: "tcp://203.0.113.10:2376" } });
    expect(plan.provider.docker[0]).toMatchObject({ ca_material: "${var.docker_ca}", cert_material: "${var.docker_cert}", key_material: "${var.docker_key}" });
    expect(Object.values<Block>(plan.variable).map(({ sensitive, nullable }) => [sensitive, nullable])).toEqual(Array(3).fill([true, false]));
  });
});

describe("logins of registries", () => {
  const socket = { host: "unix:///var/run/docker.sock" };
  const mysql = "registry.example.com/mysql:8.4.11";
  const plan = (docker: Environment["docker"], images: Environment["images"] = {}) => written({ ...localEnvironment(), docker, images }).plan;

  test("are read by the provider, from the file that docker login writes", () => {
    const before = process.env.DOCKER_CONFIG;
    delete process.env.DOCKER_CONFIG;
    try {
      const { registry_auth: logins } = plan({ ...socket, registryLogins: ["registry.example.com"] }).provider.docker[0];
      expect(logins).toEqual([{ address: "registry.example.com", config_file: "~/.docker/config.json" }]);
    } finally {
      if (before !== undefined) process.env.DOCKER_CONFIG = before;
    }
  });

  test("a private database image is pulled before the backup image is built from it", () => {
    const dependsOn = (docker: Environment["docker"]) => {
      const images = Object.entries<Block>(plan(docker, { mysql }).resource.docker_image);
      return images.find(([name]) => name.startsWith("BackupImage"))?.[1].depends_on;
    };
    expect(dependsOn({ ...socket, registryLogins: ["registry.example.com"] })).toEqual([expect.stringMatching(/^docker_image\.MySqlImage/)]);
    expect(dependsOn(socket)).toBeUndefined();
  });
});

describe("mirrors of registries", () => {
  const images = { mirrors: { "docker.io": "mirror.example.com/hub" } };
  const plan = (docker: object) =>
    written({ ...localEnvironment(), docker: { host: "unix:///var/run/docker.sock", ...docker }, images }).plan.resource.docker_image;
  const all = (docker: object) => Object.entries<Block>(plan(docker));

  test("have every image that is pulled, and what is built is built from them", () => {
    for (const [, { name, build }] of all({})) {
      const pulled: string[] = build === undefined ? [name] : Object.values<string>(build.build_args).filter((value) => /^[^/]+\/.+:/.test(value));
      expect(pulled).toEqual(pulled.map(() => expect.stringMatching(/^mirror\.example\.com\/hub\//)));
      expect(pulled).not.toEqual([]);
    }
  });

  test("with a login: what images are built from is pulled before, once each", () => {
    const images = all({ registryLogins: ["mirror.example.com"] });
    const names = images.map(([, { name }]) => name);
    expect(names).toHaveLength(new Set(names).size);
    for (const [, { build, depends_on: before = [] }] of images.filter(([, image]) => image.build !== undefined)) {
      const bases = Object.values<string>(build.build_args).filter((value) => value.startsWith("mirror.example.com/"));
      expect(before.map((address: string) => images.find(([id]) => `docker_image.${id}` === address)?.[1].name).sort()).toEqual(bases.sort());
    }
    expect(all({}).every(([, image]) => image.depends_on === undefined)).toBe(true);
  });
});

describe("the state", () => {
  test("is in a file, by a path that is the same on every machine", () => {
    expect(written(localEnvironment()).plan.terraform.backend).toEqual({ local: { path: "../../../terraform.local.tfstate" } });
  });

  test("or in a workspace, by name", () => {
    const cloud = { backend: "cloud", organization: "example", workspace: "wiki", project: "wikis", hostname: "tfe.example.com" } as const;
    const { terraform } = written({ ...localEnvironment(), state: cloud }).plan;
    expect(terraform.backend).toBeUndefined();
    expect(terraform.cloud).toEqual({ organization: "example", hostname: "tfe.example.com", workspaces: { name: "wiki", project: "wikis" } });
  });
});

describe("provider 4 of Docker", () => {
  const older = () => written(localEnvironment()).plan;
  const newer = () => written({ ...localEnvironment(), providers: { docker: 4 } });

  test("is required by its exact version", () => {
    const { plan } = newer();
    expect(plan.terraform.required_providers.docker).toEqual({ source: "kreuzwerker/docker", version: DOCKER_PROVIDERS[4] });
    expect(older().terraform.required_providers.docker.version).toBe(DOCKER_PROVIDERS[3]);
  });

  test("builds images on the engine that the provider names, and changes nothing else", () => {
    const { plan } = newer();
    const images = Object.values<Block>(plan.resource.docker_image).filter(({ build }) => build !== undefined);
    expect(images.map(({ build }) => build.use_legacy_builder)).toEqual([true, true, true]);
    for (const { build } of images) delete build.use_legacy_builder;
    expect(plan.resource).toEqual(older().resource);
  });

  test("has a lock file of its own", () => {
    expect(existsSync(join(newer().folder, ".terraform.lock.hcl"))).toBe(existsSync(providerLock(4)));
    expect(providerLock(4)).not.toBe(providerLock(3));
  });
});

test("the bindings are made for the version that is used unless an environment says otherwise", () => {
  expect(written(localEnvironment()).plan.terraform.required_providers.docker.version).toBe(DOCKER_PROVIDERS[3]);
});

describe("hashes of providers", () => {
  test("are in the folder exactly when they are in the repository", () => {
    const { folder } = written(localEnvironment());
    expect(existsSync(join(folder, ".terraform.lock.hcl"))).toBe(existsSync(providerLock(3)));
  });

  test.each([
    ["of this version stay", "3.6.2", true],
    ["of the version that an earlier release used are removed, or init would refuse the new one", "3.6.1", false],
  ])("that init wrote into the folder %s", (_, version, stays) => {
    if (existsSync(providerLock(3))) return;
    const outdir = join(directory, `locked-${version}`);
    const file = join(write(localEnvironment(), outdir).folder, ".terraform.lock.hcl");
    writeFileSync(file, `provider "registry.terraform.io/kreuzwerker/docker" {\n  version     = "${version}"\n  constraints = "${version}"\n}\n`);
    write(localEnvironment(), outdir);
    expect(existsSync(file)).toBe(stays);
  });
});

describe("for production", () => {
  const ssh = { host: "ssh://deploy@203.0.113.10" };

  test("an SSH host without its key is refused, and is a warning otherwise", () => {
    const environment = { ...localEnvironment(), docker: ssh };
    expect(written(environment).warnings).toContainEqual(expect.stringContaining("write it into docker.hostKey"));
    expect(() => written({ ...environment, production: true })).toThrow("local is for production, but the Docker host's SSH key is checked");
  });

  test("images without a digest are refused, and are a warning otherwise", () => {
    const environment = { ...localEnvironment(), images: { mysql: "mysql:8.4.99" } };
    expect(written(environment).warnings).toContainEqual(expect.stringMatching(/images without a locked digest: \d+; run npm run lock, .*mysql:8\.4\.99/));
    expect(() => written({ ...environment, production: true })).toThrow(/local is for production, but images without a locked digest: .*mysql:8\.4\.99/);
  });

  test("digests and a key are enough", () => {
    const digest = `@sha256:${"a".repeat(64)}`;
    const images = Object.fromEntries(Object.keys(imagesFor("8.4", {})).map((name) => [name, `registry.example.com/${name.toLowerCase()}${digest}`]));
    const environment = { ...localEnvironment(), production: true, docker: { ...ssh, hostKey: KEY }, images };
    expect(written(environment).warnings).not.toContainEqual(expect.stringContaining("npm run lock"));
  });
});

describe("provided secrets", () => {
  const environment = (variables: boolean, version = 1) => ({ ...exampleEnvironment(), host: undefined, secrets: { variables, version } });
  const WANTED = [
    "alert_dead_man_url",
    "alert_webhook_url",
    ...["cold_access_key", "cold_secret_key", "nas_rclone_conf", "offsite_access_key", "offsite_secret_key"].map((name) => `backup_${name}`),
    "cloudflare_dns_token",
    "crowdsec_enroll_key",
    "smtp_password",
  ];

  test("are no variables unless asked for", () => {
    const { plan } = written(environment(false));
    expect([plan.variable, plan.resource.null_resource]).toEqual([undefined, undefined]);
  });

  test("may be ephemeral, sensitive variables, which only a provisioner's environment gets to see", () => {
    const { plan } = written(environment(true));
    expect(Object.keys(plan.variable).sort()).toEqual(WANTED);
    for (const variable of Object.values<Block>(plan.variable))
      expect(variable).toMatchObject({ ephemeral: true, sensitive: true, nullable: false, default: "" });
    const text = JSON.stringify(plan);
    for (const name of WANTED) expect(text.match(new RegExp(`var\\.${name}\\b`, "g"))).toHaveLength(1);
    const uploads = Object.values<Block>(plan.resource.null_resource).map(({ provisioner: [{ "local-exec": local }] }) => local);
    expect(uploads.map(({ environment: { SECRET_NAME: name, SECRET_VALUE: value } }) => value === `\${var.${name}}`)).toEqual(WANTED.map(() => true));
    for (const { command } of uploads) expect(command).toMatch(/^sh 'assets\/\S+\/upload-secret\.sh' volume$/);
  });

  test("are variables for a hardened host, too, which gets them itself", () => {
    const { plan } = written({ ...environment(true), host: exampleEnvironment().host });
    expect(Object.keys(plan.variable).sort()).toEqual(WANTED);
    const names = Object.values<Block>(plan.resource.null_resource).flatMap(({ provisioner }) => provisioner[0]["local-exec"]?.environment?.SECRET_NAME ?? []);
    expect(names.sort()).toEqual(WANTED);
    expect(Object.values<Block>(plan.resource.docker_container).map(({ name }) => name)).not.toContain("production-secrets-provided");
  });

  test("are uploaded before the job distributes them, and again with a higher version", () => {
    const job = ({ plan }: ReturnType<typeof written>) =>
      Object.values<Block>(plan.resource.docker_container).find(({ name }) => name === "production-secrets") ?? {};
    const first = written(environment(true));
    expect(job(first).depends_on.filter((address: string) => address.startsWith("null_resource."))).toHaveLength(WANTED.length);
    const triggers = (made: typeof first) => Object.values<Block>(made.plan.resource.null_resource).map((block) => block.triggers.version);
    const second = written(environment(true, 2));
    expect([triggers(first), triggers(second)]).toEqual([WANTED.map(() => "1"), WANTED.map(() => "2")]);
    const config = (made: typeof first) => job(made).labels.find(({ label }: Block) => label === "secure-bookstack.config").value;
    expect(config(first)).not.toBe(config(second));
  });
});
