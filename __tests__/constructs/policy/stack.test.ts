import { Container } from "@cdktf/provider-docker/lib/container";
import { Testing } from "cdktf";
import { checkPolicy, exemptionsOf, RULES } from "../../../constructs/policy";
import { WikiStack } from "../../../lib/stack/wiki-stack";
import { localEnvironment } from "../../support/example";

function localStack(): WikiStack {
  const stack = new WikiStack(Testing.app(), localEnvironment());
  stack.prepareStack();
  return stack;
}

describe("the local environment", () => {
  test("breaks nothing", () => {
    expect(checkPolicy(localStack())).toEqual([]);
  });

  test("is exempt where something has to be root, or to see the host that it measures, and nowhere else", () => {
    expect(exemptionsOf(localStack())).toEqual([
      {
        path: "local/Volumes",
        rule: "non-root",
        reason: "only root can change the owner of a volume; the job has only CAP_CHOWN, no network, and ends at once",
      },
      {
        path: "local/Secrets",
        rule: "non-root",
        reason: "only root can change the owner of a secret; the job has only CAP_CHOWN, no network, and ends at once",
      },
      {
        path: "local/CrowdSec",
        rule: "non-root",
        reason: "only root can read the image's configuration; root has no capability here, and owns no files of other services",
      },
      { path: "local/Backup", rule: "non-root", reason: "root cannot read files of other users here; it switches to the owner of each volume to read it" },
      {
        path: "local/Backup",
        rule: "capabilities-dropped",
        reason: "CAP_SETUID and CAP_SETGID are needed to switch to the owners; CAP_DAC_READ_SEARCH would also permit reading the host's files",
      },
      {
        path: "local/Monitoring/ContainerMetrics",
        rule: "non-root",
        reason: "only root can read Docker's files; root has no capability and no network here, and can write one small volume",
      },
      {
        path: "local/Monitoring/ContainerMetrics",
        rule: "no-host-paths",
        reason: "reads kernel counters and Docker's files of each container, read-only, instead of the Docker socket",
      },
      {
        path: "local/Monitoring/NodeExporter",
        rule: "no-host-namespace",
        reason: "measures the host network; listens on the host's address of the internal network only",
      },
      {
        path: "local/Monitoring/NodeExporter",
        rule: "no-host-paths",
        reason: "measures the host's disks, so that they must be mounted; runs as nobody, without capabilities, read-only",
      },
      {
        path: "local/Monitoring/NodeExporter",
        rule: "no-docker-socket",
        reason: "the socket is in the mounted root of the host; its mode permits only root and the group docker",
      },
      {
        path: "local/Monitoring/Grafana",
        rule: "no-host-namespace",
        reason: "uses the host network by design; listens on the host's address of the internal network only",
      },
      {
        path: "local/Certificates",
        rule: "non-root",
        reason: "only root can change the owner of a renewed certificate; it has only CAP_CHOWN and no network",
      },
      {
        path: "local/Certificates",
        rule: "capabilities-dropped",
        reason: "CAP_CHOWN is needed to give a renewed certificate to the user of its service; the job does this only during a deploy",
      },
    ]);
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
  { rule: "carrier-idle", container: CARRIER, overrides: { start: true } },
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

function mutate(stack: WikiStack, { container, overrides }: Mutation): void {
  const construct = stack.node.findAll().find(({ node }) => node.path === `local/${container}`);
  if (!(construct instanceof Container)) throw new Error(`no container at ${container}`);
  for (const [attribute, value] of Object.entries(overrides)) construct.addOverride(attribute, value);
}

describe("one change to the local environment", () => {
  test.each(MUTATIONS.map((mutation) => [mutation.rule, mutation] as const))("breaks %s alone", (rule, mutation) => {
    const stack = localStack();
    mutate(stack, mutation);
    const breaches = checkPolicy(stack);
    expect(breaches).not.toEqual([]);
    for (const breach of breaches) expect(breach).toMatch(new RegExp(`^local/${mutation.container} breaks ${rule}: `));
  });

  test("is tried for every rule", () => {
    expect(MUTATIONS.map(({ rule }) => rule)).toEqual(RULES.map(({ name }) => name));
  });
});
