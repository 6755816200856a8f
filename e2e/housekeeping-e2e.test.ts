import { Deployment, succeeded } from "./support/deployment";
import { missingForSecondEngine, SecondEngine } from "./support/second-engine";

const WIKI = new Deployment({ name: "hkp", http: 18_204, https: 18_205, subnets: 203 });
const NO_CHANGES = 0;
/** Copy of secrets that only a job reads, which has ended: the job that distributes secrets makes it again. */
const COPY = `${WIKI.name}-secrets-authelia-users`;

const missing = missingForSecondEngine();
if (missing !== undefined) process.stderr.write(`skipped: Docker is cleaned up while the wiki runs, ${missing}\n`);

// on an engine of its own: these commands delete what other environments left there, too
(missing === undefined ? describe : describe.skip)("Docker is cleaned up while the wiki runs", () => {
  const engine = new SecondEngine();
  const run = (...args: readonly string[]) => succeeded(engine.docker(...args)).trim();
  const volumes = () =>
    run("volume", "ls", "--quiet", "--filter", `label=secure-bookstack.namespace=${WIKI.name}`, "--filter", "label=secure-bookstack.kind=data")
      .split("\n")
      .sort();
  const services = () => run("ps", "--format", "{{.Names}}").split("\n").sort();
  const users = () => JSON.parse(WIKI.must("credentials", "--json")).users;
  let before: { readonly volumes: readonly string[]; readonly services: readonly string[]; readonly users: unknown };

  beforeAll(async () => {
    WIKI.clean();
    await engine.start([...new Set(WIKI.summary().containers.map(({ image }) => image))]);
    WIKI.variables = engine.agentVariables();
    WIKI.write({ docker: { host: engine.ssh, hostKey: engine.hostKey } });
    WIKI.must("deploy");
    run(
      "exec",
      WIKI.container("bookstack"),
      "sh",
      "-c",
      "mkdir -p /var/www/bookstack/storage/uploads/files && echo kept > /var/www/bookstack/storage/uploads/files/kept",
    );
    before = { volumes: volumes(), services: services(), users: users() };
  });

  afterAll(async () => {
    if (WIKI.command("destroy", "--with-data", WIKI.name).status !== 0) process.stderr.write("destroy failed\n");
    await engine.stop();
  });

  test.each([
    ["docker system prune --all --volumes", ["system", "prune", "--all", "--volumes", "--force"]],
    ["docker container prune", ["container", "prune", "--force"]],
    ["docker volume prune", ["volume", "prune", "--force"]],
    ["docker image prune --all", ["image", "prune", "--all", "--force"]],
    ["docker network prune", ["network", "prune", "--force"]],
  ])("%s leaves data and secrets of the wiki alone, and the next deploy completes what it removed", (_, args) => {
    const removed = run(...args);
    process.stdout.write(`${removed}\n`);
    const left = volumes();
    expect(before.volumes.filter((volume) => !left.includes(volume) && volume !== COPY)).toEqual([]);
    expect(services()).toEqual(before.services);
    expect(WIKI.must("deploy")).toContain("Every container is healthy.");
    expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(NO_CHANGES);
    expect([volumes(), services(), users()]).toEqual([before.volumes, before.services, before.users]);
    expect(run("exec", WIKI.container("bookstack"), "cat", "/var/www/bookstack/storage/uploads/files/kept")).toBe("kept");
  });
});
