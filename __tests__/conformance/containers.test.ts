import { assetText } from "../../constructs/core/asset";
import { describeUnless, missingProgram } from "../support/needs";
import { type Outcome, Sandbox } from "../support/sandbox";

const ID = "a".repeat(64);
const OTHER = "b".repeat(64);
const STRANGER = "c".repeat(64);
const LABELS = { "secure-bookstack.namespace": "local", "secure-bookstack.kind": "service" };

/** Docker's file of a container; a quote in one of its variables must not confuse the parser. */
function written(id: string, name: string, more: Readonly<Record<string, unknown>> = {}, labels: object = LABELS) {
  return JSON.stringify({
    State: { Running: true, Restarting: false, OOMKilled: false, Pid: 4711, ExitCode: 0, StartedAt: "2026-01-01T00:00:10.5Z", Health: { Status: "healthy" } },
    ID: id,
    Config: { Env: ['TRAP="RestartCount":99,"Name":"/trap"'], Labels: labels },
    Name: `/${name}`,
    RestartCount: 2,
    NetworkSettings: { Networks: { "local-backend": {} } },
    ...more,
  });
}

const DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     500       5    0    0    0     0          0         0      500       5    0    0    0     0       0          0
  eth0:    1000      10    1    2    0     0          0         0     2000      20    3    4    0     0       0          0
  eth1:     100       1    0    0    0     0          0         0      200       2    0    0    0     0       0          0
`;

describeUnless(missingProgram("php"), "containers.php", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.file("containers.php", assetText("monitoring/assets/containers.php"));
    sandbox.folder("out");
    sandbox.file(`containers/${ID}/config.v2.json`, written(ID, "local-bookstack"));
    sandbox.file("proc/4711/net/dev", DEV);
  });
  afterEach(() => sandbox.remove());

  function run(word: string): Outcome {
    const environment = {
      CONTAINERS_DIRECTORY: sandbox.path("containers"),
      CONTAINERS_CGROUPS: sandbox.path("cgroup"),
      CONTAINERS_PROC: sandbox.path("proc"),
      CONTAINERS_OUTPUT: sandbox.path("out/containers.prom"),
      CONTAINERS_LABEL: "secure-bookstack.namespace=local",
      CONTAINERS_SECONDS: "15",
    };
    return sandbox.sh(["-c", `php -n -d display_errors=stderr containers.php ${word}`], environment);
  }

  /** `name{container}` → value. */
  function measured(): Record<string, number> {
    expect(run("once")).toMatchObject({ status: 0, stderr: "" });
    const lines = sandbox
      .read("out/containers.prom")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
  }
  const of = (name: string, container = "bookstack") => `${name}{container="${container}"}`;

  const COUNTED = {
    [of("container_running")]: 1,
    [of("container_healthy")]: 1,
    [of("container_restarts_total")]: 2,
    [of("container_start_time_seconds")]: Date.parse("2026-01-01T00:00:10Z") / 1000,
    [of("container_cpu_seconds_total")]: 12.5,
    [of("container_cpu_throttled_seconds_total")]: 0.25,
    [of("container_cpu_limit")]: 2,
    [of("container_memory_usage_bytes")]: 1000,
    [of("container_memory_working_set_bytes")]: 700,
    [of("container_memory_limit_bytes")]: 4096,
    [of("container_oom_kills_total")]: 3,
    [of("container_network_receive_bytes_total")]: 1100,
    [of("container_network_transmit_bytes_total")]: 2200,
    [of("container_network_transmit_errors_total")]: 3,
    [of("container_network_receive_dropped_total")]: 2,
  };

  /** Control groups of version 2, as systemd lays them out. */
  function unified(id: string, slice = "system.slice"): void {
    const group = `cgroup/${slice}/docker-${id}.scope`;
    sandbox.file("cgroup/cgroup.controllers", "cpu memory\n");
    sandbox.file(`${group}/cpu.stat`, "usage_usec 12500000\nuser_usec 1\nnr_throttled 2\nthrottled_usec 250000\n");
    sandbox.file(`${group}/cpu.max`, "200000 100000\n");
    sandbox.file(`${group}/memory.current`, "1000\n");
    sandbox.file(`${group}/memory.stat`, "anon 600\ninactive_file 300\n");
    sandbox.file(`${group}/memory.max`, "4096\n");
    sandbox.file(`${group}/memory.events`, "low 0\nhigh 0\nmax 9\noom 3\noom_kill 3\n");
  }

  test("what the kernel does not count has no value, and none is not zero", () => {
    sandbox.file("cgroup/cgroup.controllers", "cpu memory\n");
    sandbox.folder(`cgroup/system.slice/docker-${ID}.scope`);
    const names = Object.keys(measured());
    expect(names).toContain(of("container_running"));
    expect(names.filter((name) => /_cpu_|_memory_|_oom_/.test(name))).toEqual([]);
  });

  test("reads control groups of version 2", () => {
    unified(ID);
    expect(measured()).toMatchObject(COUNTED);
  });

  test("finds them in a slice of an administrator", () => {
    unified(ID, "wiki.slice/wiki-containers.slice");
    expect(measured()).toMatchObject(COUNTED);
  });

  test("reads control groups of version 1", () => {
    sandbox.file(`cgroup/cpuacct/docker/${ID}/cpuacct.usage`, "12500000000\n");
    sandbox.file(`cgroup/cpu/docker/${ID}/cpu.stat`, "nr_periods 9\nnr_throttled 2\nthrottled_time 250000000\n");
    sandbox.file(`cgroup/cpu/docker/${ID}/cpu.cfs_quota_us`, "200000\n");
    sandbox.file(`cgroup/cpu/docker/${ID}/cpu.cfs_period_us`, "100000\n");
    sandbox.file(`cgroup/memory/docker/${ID}/memory.usage_in_bytes`, "1000\n");
    sandbox.file(`cgroup/memory/docker/${ID}/memory.stat`, "cache 1\ninactive_file 1\ntotal_inactive_file 300\n");
    sandbox.file(`cgroup/memory/docker/${ID}/memory.limit_in_bytes`, "4096\n");
    sandbox.file(`cgroup/memory/docker/${ID}/memory.oom_control`, "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
    expect(measured()).toMatchObject(COUNTED);
    sandbox.file(`cgroup/memory/docker/${ID}/memory.limit_in_bytes`, "9223372036854771712\n");
    expect(measured()).not.toHaveProperty([of("container_memory_limit_bytes")]);
  });

  test("reads only services of its own environment", () => {
    unified(ID);
    sandbox.file(`containers/${OTHER}/config.v2.json`, written(OTHER, "local-secrets", {}, { ...LABELS, "secure-bookstack.kind": "job" }));
    sandbox.file(`containers/${STRANGER}/config.v2.json`, written(STRANGER, "other-bookstack", {}, { ...LABELS, "secure-bookstack.namespace": "other" }));
    const names = new Set(Object.keys(measured()).map((sample) => /container="([^"]+)"/.exec(sample)?.[1]));
    expect([...names]).toEqual(["bookstack"]);
    expect(sandbox.read("out/containers.prom")).not.toContain("trap");
  });

  test.each([
    ["one that ended", { Running: false, ExitCode: 137, StartedAt: "2026-01-01T00:00:10Z" }, { container_running: 0, container_exit_code: 137 }],
    ["one that is started again and again", { Running: true, Restarting: true, ExitCode: 1 }, { container_running: 0, container_exit_code: 1 }],
    ["one that does not do its work", { Running: true, Pid: 4711, Health: { Status: "unhealthy" } }, { container_running: 1, container_healthy: 0 }],
    ["one that has only been started", { Running: true, Pid: 4711, Health: { Status: "starting" } }, { container_running: 1, container_healthy: 1 }],
  ])("tells of %s", (_, State, wanted) => {
    unified(ID);
    sandbox.file(`containers/${ID}/config.v2.json`, written(ID, "local-bookstack", { State }));
    expect(measured()).toMatchObject(Object.fromEntries(Object.entries(wanted).map(([name, value]) => [of(name), value])));
  });

  test("of two containers of one name, which an engine with another image store leaves, reads the newer one only", () => {
    sandbox.file(`containers/${ID}/config.v2.json`, written(ID, "local-bookstack", { Created: "2026-01-02T00:00:00.1Z" }));
    const left = { Created: "2026-01-01T00:00:00.9Z", State: { Running: false, ExitCode: 137 } };
    sandbox.file(`containers/${OTHER}/config.v2.json`, written(OTHER, "local-bookstack", left));
    sandbox.file(`containers/0${ID.slice(1)}/config.v2.json`, written(`0${ID.slice(1)}`, "local-bookstack", left));
    expect(measured()).toMatchObject({ 'container_running{container="bookstack"}': 1, 'container_exit_code{container="bookstack"}': 0 });
    expect(sandbox.read("out/containers.prom").match(/^container_running\{/gm)).toHaveLength(1);
  });

  test("counts no traffic of the host as a container's", () => {
    unified(ID);
    sandbox.file(`containers/${ID}/config.v2.json`, written(ID, "local-grafana", { NetworkSettings: { Networks: { host: {} } } }));
    expect(Object.keys(measured()).filter((name) => name.startsWith("container_network"))).toEqual([]);
  });

  test("passes over a file that is half written", () => {
    unified(ID);
    sandbox.file(`containers/${OTHER}/config.v2.json`, written(OTHER, "local-traefik").slice(0, 50));
    expect(measured()).toMatchObject(COUNTED);
  });

  test("counts as healthy only while it writes", () => {
    expect(run("check").status).toBe(1);
    unified(ID);
    measured();
    expect(run("check")).toMatchObject({ status: 0, stderr: "" });
    sandbox.sh(["-c", "touch -d '5 minutes ago' out/containers.prom"]);
    expect(run("check").status).toBe(1);
  });

  test("says how it is used", () => {
    expect(run("anything")).toMatchObject({ status: 64, stderr: "usage: containers.php run | once | check\n" });
  });

  describeUnless(missingProgram("promtool"), "and promtool", () => {
    test("takes what it writes", () => {
      unified(ID);
      measured();
      expect(sandbox.sh(["-c", "promtool check metrics <out/containers.prom"])).toMatchObject({ status: 0 });
    });
  });
});

describe("mysqld-exporter.sh", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.folder("tmp");
    // the program, and the place in memory, of the container
    const text = assetText("monitoring/assets/mysqld-exporter.sh")
      .replace("/bin/mysqld_exporter", "exporter")
      .replaceAll("/tmp/", `${sandbox.path("tmp")}/`);
    sandbox.file("start.sh", text);
    sandbox.command("exporter", 'echo "$@"; ls -l "$PWD/tmp/my.cnf" | cut -c1-10; cat "$PWD/tmp/my.cnf"');
  });
  afterEach(() => sandbox.remove());
  const start = () =>
    sandbox.sh(["start.sh", "--collect.global_status"], {
      MYSQL_HOST: "bookstack-db",
      MYSQL_PORT: "3306",
      MYSQL_USER: "exporter",
      MYSQL_CA: "/run/secrets/database_ca.crt",
      MYSQL_SECRET_FILE: sandbox.path("secret"),
    });

  test("passes the password in a private file", () => {
    sandbox.file("secret", "abc123\n");
    expect(start()).toEqual({
      status: 0,
      stderr: "",
      stdout: `--config.my-cnf=${sandbox.path("tmp")}/my.cnf --collect.global_status
-rw-------
[client]
host=bookstack-db
port=3306
user=exporter
ssl-ca=/run/secrets/database_ca.crt
password=abc123
`,
    });
  });

  test("says what is missing", () => {
    expect(start()).toMatchObject({ status: 78, stderr: `start: no secret at ${sandbox.path("secret")}\n` });
  });
});
