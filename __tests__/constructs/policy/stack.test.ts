import { Container } from "@cdktf/provider-docker/lib/container";
import { checkPolicy, exemptionsOf, RULES } from "../../../constructs/policy";
import { WikiStack } from "../../../lib/stack/wiki-stack";
import { localEnvironment } from "../../support/example";
import { testApp } from "../../support/plan";

const LOCAL = new WikiStack(testApp(), localEnvironment());
LOCAL.node.lock();
const PLAN = LOCAL.toTerraform();

describe("the local environment", () => {
  test("breaks nothing", () => {
    expect(checkPolicy(LOCAL)).toEqual([]);
  });

  test("is exempt where something has to be root, or to see the host that it measures, and nowhere else", () => {
    const exemptions = exemptionsOf(LOCAL);
    expect(exemptions.map(({ path, rule }) => `${path} ${rule}`)).toEqual([
      "local/Volumes non-root",
      "local/Secrets non-root",
      "local/CrowdSec non-root",
      "local/Backup non-root",
      "local/Backup capabilities-dropped",
      "local/Monitoring/ContainerMetrics non-root",
      "local/Monitoring/ContainerMetrics no-host-paths",
      "local/Monitoring/NodeExporter no-host-namespace",
      "local/Monitoring/NodeExporter no-host-paths",
      "local/Monitoring/NodeExporter no-docker-socket",
      "local/Monitoring/Grafana no-host-namespace",
      "local/Certificates non-root",
      "local/Certificates capabilities-dropped",
    ]);
    for (const { reason } of exemptions) expect(reason).toMatch(/^\S+( \S+){5,}$/);
  });
});

/** What is done to one container of the local stack: the plan that comes out breaks the rule, and no other. */
interface Mutation {
  readonly rule: string;
  /** Path below the stack. */
  readonly container: string;
  /** Attribute → value. Lists are added to what is there; nothing takes a value away. */
  readonly overrides: Readonly<Record<string, unknown>>;
}

const TRAEFIK = "Traefik/Service/Container";
const MYSQL = "MySql/Service/Container";
const BOOKSTACK = "BookStack/Service/Container";
const SETUP = "BookStack/Setup/Container";
const BACKUP = "Backup/Service/Container";
const CARRIER = "Traefik/Service/Config/Carrier";

const MUTATIONS: readonly Mutation[] = [
  { rule: "capabilities-dropped", container: TRAEFIK, overrides: { "capabilities.add": ["CAP_NET_BIND_SERVICE"] } },
  { rule: "config-container-idle", container: CARRIER, overrides: { start: true } },
  { rule: "cpu-limited", container: BOOKSTACK, overrides: { cpu_quota: undefined } },
  {
    rule: "database-apart",
    container: BACKUP,
    overrides: { networks_advanced: ["Networks_proxy_F5EE33B5", "Networks_database_8485E9F0"].map((id) => ({ name: `\${docker_network.${id}.id}` })) },
  },
  { rule: "health-check", container: MYSQL, overrides: { wait: false } },
  { rule: "idempotent-forms", container: MYSQL, overrides: { "healthcheck.start_period": "120s" } },
  { rule: "image-pinned", container: MYSQL, overrides: { image: "mysql:lts" } },
  { rule: "init", container: SETUP, overrides: { init: false } },
  { rule: "job-checked", container: SETUP, overrides: { attach: undefined } },
  { rule: "log-limits", container: CARRIER, overrides: { "log_opts.max-size": undefined } },
  { rule: "memory-limited", container: BOOKSTACK, overrides: { memory_swap: -1 } },
  { rule: "network-membership", container: MYSQL, overrides: { networks_advanced: [{ name: "${docker_network.Networks_backend_E471AF35.id}" }] } },
  { rule: "no-docker-socket", container: TRAEFIK, overrides: { volumes: [{ volume_name: "engine", container_path: "/var/run/docker.sock" }] } },
  { rule: "no-host-namespace", container: BOOKSTACK, overrides: { pid_mode: "host" } },
  { rule: "no-host-paths", container: TRAEFIK, overrides: { mounts: [{ type: "bind", source: "/srv/certificates", target: "/certificates" }] } },
  { rule: "no-new-privileges", container: SETUP, overrides: { security_opts: undefined } },
  { rule: "no-secret-values", container: BOOKSTACK, overrides: { env: ["DB_PASSWORD=hunter2"] } },
  { rule: "no-sensitive-security-opts", container: MYSQL, overrides: { security_opts: ["seccomp=unconfined"] } },
  { rule: "non-root", container: TRAEFIK, overrides: { user: "0:0" } },
  { rule: "published-ports", container: MYSQL, overrides: { ports: [{ internal: 3306, external: 3306, ip: "127.0.0.1" }] } },
  { rule: "read-only-root", container: BOOKSTACK, overrides: { read_only: false } },
  { rule: "restart-policy", container: SETUP, overrides: { restart: "on-failure" } },
  { rule: "stop-grace", container: MYSQL, overrides: { destroy_grace_seconds: undefined } },
  { rule: "tmpfs-options", container: BOOKSTACK, overrides: { "tmpfs./tmp": "rw" } },
];

/** The plan of the local stack with a change to one container, as `addOverride` makes it. */
function mutated({ container, overrides }: Mutation): object {
  const construct = LOCAL.node.findAll().find(({ node }) => node.path === `local/${container}`);
  if (!(construct instanceof Container)) throw new Error(`no container at ${container}`);
  const { docker_container: containers } = PLAN.resource;
  const attributes = structuredClone(containers[construct.friendlyUniqueId]);
  for (const [path, value] of Object.entries(overrides)) {
    const [name = "", below] = path.split(".");
    const target = below === undefined ? attributes : attributes[name];
    const key = below ?? name;
    target[key] = Array.isArray(value) ? [...(target[key] ?? []), ...value] : value;
  }
  return { ...PLAN, resource: { ...PLAN.resource, docker_container: { ...containers, [construct.friendlyUniqueId]: attributes } } };
}

describe("one change to the local environment", () => {
  afterEach(() => jest.restoreAllMocks());

  test.each(MUTATIONS.map((mutation) => [mutation.rule, mutation] as const))("breaks %s alone", (rule, mutation) => {
    jest.spyOn(LOCAL, "toTerraform").mockReturnValue(mutated(mutation));
    const breaches = checkPolicy(LOCAL);
    expect(breaches).not.toEqual([]);
    for (const breach of breaches) expect(breach).toMatch(new RegExp(`^local/${mutation.container} breaks ${rule}: `));
  });

  test("is tried for every rule", () => {
    expect(MUTATIONS.map(({ rule }) => rule)).toEqual(RULES.map(({ name }) => name));
  });
});
