import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { describeUnless } from "../__tests__/support/needs";
import { Browser, plain } from "./support/browser";
import { imagesHere } from "./support/images";
import { LEFT_OUT } from "./support/needs";
import {
  clean,
  command,
  commandInBackground,
  containerIds,
  docker,
  HOST,
  HTTP,
  HTTPS,
  healthy,
  NAME,
  onEngine,
  stackDirectory,
  stateFile,
  succeeded,
  summary,
  until,
  writeEnvironment,
} from "./support/wiki";

/** Values that a search can find wherever they leak; planted before the first deploy, which leaves what exists. */
const CANARIES: Readonly<Record<string, string>> = Object.fromEntries([
  ...[
    "mysql_root_password",
    "mysql_bookstack_password",
    "mysql_backup_password",
    "mysql_exporter_password",
    "mysql_health_password",
    "wiki_admin_password",
  ].map((name) => [name, `Canary${randomBytes(12).toString("hex")}`]),
  ["app_key", `base64:${randomBytes(32).toString("base64")}`],
]);
const STOCK = { email: "admin@admin.com", password: "password" };
const BOOK = "A book that has to survive";

/** Puts the canaries where the job that creates secrets finds them. */
function plantCanaries(): void {
  const labels = ["--label", `secure-bookstack.kind=data`, "--label", `secure-bookstack.namespace=${NAME}`];
  docker("volume", "create", ...labels, `${NAME}-secrets`);
  const script = Object.entries(CANARIES)
    .map(([name, value]) => `printf %s '${value}' > /store/${name}; chmod 0400 /store/${name}`)
    .join("\n");
  const run = [
    "run",
    "--rm",
    "--interactive",
    "--network=none",
    "--log-driver=none",
    "--user=0:0",
    "--mount",
    `type=volume,source=${NAME}-secrets,target=/store`,
    "--entrypoint=sh",
  ];
  succeeded(
    spawnSync("docker", [...run, summary().containers.find(({ name }) => name === `${NAME}-secrets`)?.image ?? ""], { input: script, encoding: "utf8" }),
  );
}

/** Which of the canaries `text` holds. */
function leaked(text: string): string[] {
  return Object.entries(CANARIES)
    .filter(([, value]) => text.includes(value))
    .map(([name]) => name);
}

let browser: Browser;

function newBrowser(): Browser {
  return new Browser(HOST, HTTPS, succeeded(command("ca")));
}

function secondPlan(): number | null {
  return command("plan", "--detailed-exitcode").status;
}

beforeAll(() => {
  for (const [name, image] of Object.entries(imagesHere().overrides)) process.stderr.write(`stand-in: ${name} is ${image}\n`);
  clean();
});

afterAll(() => clean());

/** Places of capabilities in the kernel's sets (linux/capability.h). */
const CAPABILITY_BITS: Readonly<Record<string, number>> = { CAP_CHOWN: 0, CAP_SETGID: 6, CAP_SETUID: 7 };

describe("the first deploy", () => {
  const stockSignIns: string[] = [];
  let deployed = false;

  beforeAll(async () => {
    plantCanaries();
    const deploy = commandInBackground("deploy").finally(() => {
      deployed = true;
    });
    const polling = (async () => {
      while (!deployed) {
        // the authority is there only once the deploy has made it; before, nothing can listen either
        const authority = command("ca");
        const outcome =
          authority.status === 0
            ? await new Browser(HOST, HTTPS, authority.stdout).signIn(STOCK.email, STOCK.password).then(
                (took) => (took ? "signed in" : "refused"),
                () => "nothing listens",
              )
            : "nothing listens";
        stockSignIns.push(outcome);
      }
    })();
    const { status, output } = await deploy;
    await polling;
    if (status !== 0) throw new Error(output);
    expect(output).toMatch(/Every container is healthy\.\n {2}https:\/\/bookstack\.wiki\.localhost:18443\n/);
    browser = newBrowser();
  });

  test("makes every service healthy and ends every job", () => {
    for (const { name, kind } of summary().containers) {
      const format = kind === "service" ? "{{.State.Health.Status}}" : "{{.State.ExitCode}}";
      expect([name, docker("inspect", "--format", format, name)]).toEqual([name, kind === "service" ? "healthy" : "0"]);
    }
  });

  test("never lets the stock account in, from the first second on", async () => {
    expect(stockSignIns.length).toBeGreaterThan(3);
    expect(stockSignIns).not.toContain("signed in");
    expect(await newBrowser().signIn(STOCK.email, STOCK.password)).toBe(false);
  });

  test("serves BookStack's login page over TLS 1.3 with the environment's own authority", async () => {
    const { status, body, protocol } = await browser.ask("/login");
    expect([status, protocol]).toEqual([200, "TLSv1.3"]);
    expect(body).toMatch(/<title>[^<]*BookStack/);
    expect(body).toContain('name="password"');
  });

  test("refuses TLS 1.2, foreign names and foreign authorities", async () => {
    await expect(browser.ask("/login", { maxVersion: "TLSv1.2" })).rejects.toThrow(/protocol version/i);
    await expect(new Browser("other.wiki.localhost", HTTPS, succeeded(command("ca"))).ask("/")).rejects.toThrow(/unrecognized name/i);
    const foreign = readFileSync(require.resolve("./support/foreign-ca.pem"), "utf8");
    await expect(new Browser(HOST, HTTPS, foreign).ask("/")).rejects.toThrow(/verify|issuer|certificate/i);
  });

  test("redirects HTTP to HTTPS, path and query included", async () => {
    const { status, headers } = await plain(HOST, HTTP, "/books?page=2");
    expect([status, headers.location]).toEqual([301, `https://${HOST}:${HTTPS}/books?page=2`]);
  });

  test("lets the first administrator in with the password that the command shows", async () => {
    const { email, password } = JSON.parse(succeeded(command("credentials", "--json"))).administrator;
    expect(password).toBe(CANARIES.wiki_admin_password);
    expect(await browser.signIn(email, password)).toBe(true);
    expect(await browser.makeBook(BOOK)).toBe("/books/a-book-that-has-to-survive");
  });

  test("is complete: a second plan changes nothing", () => {
    expect(secondPlan()).toBe(0);
  });

  test("writes the access log as JSON", () => {
    const line = docker("exec", `${NAME}-traefik`, "tail", "-n", "1", "/var/log/traefik/access.log");
    expect(JSON.parse(line)).toMatchObject({ RequestHost: HOST, RouterName: expect.stringMatching(/ -> bookstack(-(open-)?assets)?@file$/) });
  });
});

describe("what runs", () => {
  test("is what npm start promised, as the engine sees it", () => {
    const promised = summary();
    for (const container of promised.containers) {
      const [seen] = JSON.parse(docker("inspect", container.name));
      const { HostConfig: host, Config: config, NetworkSettings: network, Mounts: mounts } = seen;
      expect({
        name: container.name,
        kind: config.Labels["secure-bookstack.kind"],
        user: config.User,
        networks: host.NetworkMode === "none" ? [] : Object.keys(network.Networks).sort(),
        memoryMiB: host.Memory / 2 ** 20,
        swap: host.MemorySwap - host.Memory,
        cpus: host.CpuQuota / host.CpuPeriod,
        readOnlyRoot: host.ReadonlyRootfs,
        capabilities: host.CapAdd ?? [],
        dropped: host.CapDrop,
        published: publishedPorts(host.PortBindings),
        volumes: mounts
          .filter(({ RW }: { RW: boolean }) => RW)
          .map(({ Destination }: { Destination: string }) => Destination)
          .sort(),
        memory: Object.entries<string>(host.Tmpfs ?? {})
          .filter(([, options]) => !options.startsWith("ro,"))
          .map(([directory]) => directory)
          .sort(),
        image: docker("image", "inspect", "--format", "{{.Id}}", container.image),
      }).toEqual({
        name: container.name,
        kind: container.kind,
        user: container.user,
        networks: [...container.networks].sort(),
        memoryMiB: container.memoryMiB,
        swap: 0,
        cpus: container.cpus,
        readOnlyRoot: true,
        capabilities: container.capabilities,
        dropped: ["ALL"],
        published: [...container.published].sort(),
        volumes: [...container.writes.volumes].sort(),
        memory: [...container.writes.memory].sort(),
        image: seen.Image,
      });
    }
    const running = promised.containers.filter(({ kind }) => kind === "service").map(({ name }) => name);
    expect(Object.keys(containerIds()).sort()).toEqual(running.sort());
  });

  test("has no privilege to gain, and none to lose but those that the plan names", () => {
    const planned = new Map(summary().containers.map(({ name, capabilities }) => [name, capabilities]));
    for (const name of Object.keys(containerIds())) {
      const status = docker("exec", name, "cat", "/proc/1/status");
      const wanted = (planned.get(name) ?? []).reduce((sum, capability) => sum + 2 ** (CAPABILITY_BITS[capability] ?? Number.NaN), 0);
      const effective = Number.parseInt(/CapEff:\s+(\w+)/.exec(status)?.[1] ?? "", 16);
      expect([name, /NoNewPrivs:\s+(\d)/.exec(status)?.[1], effective]).toEqual([name, "1", wanted]);
      expect(spawnSync("docker", ["exec", name, "sh", "-c", "touch /written"]).status).not.toBe(0);
    }
  });

  test("cannot reach what it has no business with", () => {
    const reaches = (from: string, address: string, port: number) =>
      spawnSync("docker", ["exec", from, "timeout", "3", "bash", "-c", `exec 3<>/dev/tcp/${address}/${port}`]).status === 0;
    const address = (name: string, network: string) =>
      docker("inspect", "--format", `{{(index .NetworkSettings.Networks "${NAME}-${network}").IPAddress}}`, `${NAME}-${name}`);
    expect(reaches(`${NAME}-bookstack`, address("bookstack-db", "database"), 3306)).toBe(true);
    expect(reaches(`${NAME}-traefik`, address("bookstack-db", "database"), 3306)).toBe(false);
    expect(reaches(`${NAME}-traefik`, address("bookstack", "backend"), 3000)).toBe(true);
    expect(reaches(`${NAME}-bookstack`, address("traefik", "proxy"), HTTPS)).toBe(false);
  });

  test("holds each account of the database to its purpose", () => {
    const sql = (account: string, statement: string) =>
      spawnSync(
        "docker",
        [
          "exec",
          "--interactive",
          `${NAME}-bookstack-db`,
          "sh",
          "-c",
          `umask 077; cat > /tmp/my.cnf; mysql --defaults-file=/tmp/my.cnf -NBe "${statement}"; code=$?; rm /tmp/my.cnf; exit $code`,
        ],
        { input: `[client]\nuser=${account}\nhost=127.0.0.1\npassword=${CANARIES[`mysql_${account}_password`]}\n`, encoding: "utf8" },
      );
    expect(sql("bookstack", "select count(*) from bookstack.users").status).toBe(0);
    expect(sql("bookstack", "select count(*) from mysql.user").stderr).toMatch(/denied/);
    expect(sql("backup", "select count(*) from bookstack.users").status).toBe(0);
    expect(sql("backup", "delete from bookstack.views").stderr).toMatch(/denied/);
    expect(sql("exporter", "select count(*) from bookstack.users").stderr).toMatch(/denied/);
    expect(sql("exporter", "show global status like 'Uptime'").status).toBe(0);
    expect(sql("backup", "show databases").stderr).toMatch(/denied/);
    expect(sql("root", "select 1").stderr).toMatch(/denied/);
  });

  test("recovers, and the plan stays empty, after each container was restarted", async () => {
    for (const name of Object.keys(containerIds())) docker("restart", name);
    await until(() => Object.keys(containerIds()).every(healthy), 180, "every container healthy after a restart");
    expect(secondPlan()).toBe(0);
  });
});

describe("secrets", () => {
  test("are nowhere but in their files", () => {
    const plan = spawnSync("sh", ["-c", "terraform plan -input=false -lock=false -out=plan.bin >/dev/null && terraform show -json plan.bin; rm -f plan.bin"], {
      cwd: stackDirectory(),
      encoding: "utf8",
      maxBuffer: 256 * 2 ** 20,
    });
    const containers = docker("ps", "--all", "--quiet", "--filter", `label=secure-bookstack.namespace=${NAME}`).split("\n");
    const volumes = docker("volume", "ls", "--quiet", "--filter", `label=secure-bookstack.namespace=${NAME}`).split("\n");
    const places = {
      plan: succeeded(plan),
      "written plan": readFileSync(`${stackDirectory()}/cdk.tf.json`, "utf8"),
      state: readFileSync(stateFile(), "utf8"),
      inspect: docker("inspect", ...containers),
      volumes: docker("volume", "inspect", ...volumes),
      logs: containers
        .map((id) => spawnSync("docker", ["logs", id], { encoding: "utf8" }))
        .map(({ stdout, stderr }) => stdout + stderr)
        .join("\n"),
      "database log": docker("exec", `${NAME}-bookstack-db`, "sh", "-c", "cat /var/log/mysql/*.log"),
      "access log": docker("exec", `${NAME}-traefik`, "cat", "/var/log/traefik/access.log"),
      "command lines and environments": processes(),
    };
    const found = Object.entries(places).map(([place, text]) => [place, leaked(text)]);
    expect(found).toEqual(Object.keys(places).map((place) => [place, []]));
    for (const [place, text] of Object.entries(places)) expect([place, text.length > 100]).toEqual([place, true]);
  });

  test("would be found by this search: one that is planted in a label is", () => {
    const [name, value] = Object.entries(CANARIES)[0] ?? ["", ""];
    const container = docker("create", "--label", `note=${value}`, "--name", `${NAME}-leak`, summary().containers[0]?.image ?? "");
    expect(leaked(docker("inspect", container))).toEqual([name]);
    docker("rm", container);
  });

  test("lie in files that their service alone may read", () => {
    const listing = docker(
      "exec",
      `${NAME}-bookstack`,
      "sh",
      "-c",
      "cd /run/secrets && stat -c '%a %u %n' app_key database_ca.crt mysql_bookstack_password; ls . 2>&1 || true",
    ).split("\n");
    expect(listing).toEqual([
      "400 1000 app_key",
      "400 1000 database_ca.crt",
      "400 1000 mysql_bookstack_password",
      expect.stringContaining("Permission denied"),
    ]);
  });
});

describe("a change", () => {
  test("of one line of one file replaces that service, and no other", async () => {
    const before = containerIds();
    writeEnvironment({ slowQuery: "2s" });
    succeeded(command("deploy"));
    const after = containerIds();
    const replaced = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(replaced).toEqual([`${NAME}-bookstack-db`]);
    await until(() => Object.keys(after).every(healthy), 60, "healthy after the change");
    expect(secondPlan()).toBe(0);
  });
});

describeUnless(LEFT_OUT, "a change that fails", () => {
  test("because it cannot be delivered leaves the old service running", async () => {
    const before = containerIds();
    writeEnvironment({ slowQuery: "3s" });
    // a foreign container has the name of the next config container
    const next = summary() && nextConfigVolume();
    docker("create", "--name", next, summary().containers[0]?.image ?? "");
    const { status, stdout } = command("deploy");
    expect(status).not.toBe(0);
    expect(stdout).toMatch(/Not everything worked:[\s\S]*is already in use/);
    expect(containerIds()).toEqual(before);
    expect((await browser.ask("/status")).status).toBe(200);
    docker("rm", next);
    succeeded(command("deploy"));
    expect(secondPlan()).toBe(0);
  });

  test("because it would regenerate secrets of existing data is refused, and fixed by restoring the secret", async () => {
    const store = (script: string, input = "") =>
      succeeded(
        spawnSync(
          "docker",
          [
            "run",
            "--rm",
            "--interactive",
            "--network=none",
            "--log-driver=none",
            "--user=0:0",
            "--mount",
            `type=volume,source=${NAME}-secrets,target=/store`,
            "--entrypoint=sh",
            summary().containers.find(({ name }) => name === `${NAME}-secrets`)?.image ?? "",
            "-c",
            script,
          ],
          { input, encoding: "utf8" },
        ),
      );
    store("rm /store/app_key");
    docker("rm", `${NAME}-secrets`);
    const { status, stdout } = command("deploy");
    expect(status).not.toBe(0);
    expect(stdout).toMatch(/missing, while the data that need them exist: app_key/);
    expect((await browser.ask("/status")).status).toBe(200);
    store("umask 077; cat > /store/app_key; chmod 0400 /store/app_key", CANARIES.app_key);
    succeeded(command("deploy"));
    expect(secondPlan()).toBe(0);
  });
});

describe("an engine that is restarted", () => {
  const allowed = process.env.E2E_RESTART_ENGINE;

  (allowed === undefined ? test.skip : test)("restores everything, and the plan stays empty", async () => {
    succeeded(spawnSync("sh", ["-c", allowed ?? ""], { encoding: "utf8" }));
    await until(() => spawnSync("docker", ["version"], { stdio: "ignore" }).status === 0, 120, "the engine answers");
    await until(
      () =>
        Object.keys(containerIds()).length === summary().containers.filter(({ kind }) => kind === "service").length &&
        Object.keys(containerIds()).every(healthy),
      240,
      "every container healthy after the engine",
    );
    expect(secondPlan()).toBe(0);
  });
});

describe("destroy", () => {
  test("keeps data and secrets, and the next deploy finds them", async () => {
    succeeded(command("destroy"));
    expect(onEngine().filter((thing) => !thing.startsWith("volume "))).toEqual([]);
    expect(onEngine()).toEqual(
      summary()
        .volumes.map(({ name }) => `volume ${name}`)
        .sort(),
    );
    succeeded(command("deploy"));
    const returning = newBrowser();
    const { email, password } = JSON.parse(succeeded(command("credentials", "--json"))).administrator;
    expect(await returning.signIn(email, password)).toBe(true);
    expect((await returning.ask("/books/a-book-that-has-to-survive")).body).toContain(BOOK);
  });

  test("refuses to take data when another environment is named, and takes nothing", () => {
    const before = onEngine();
    const { status, stderr } = command("destroy", "--with-data", "production");
    expect([status, stderr]).toEqual([1, expect.stringContaining('--with-data names "production", not "e2e"')]);
    expect(onEngine()).toEqual(before);
  });

  test("with data leaves nothing of the name on the engine", () => {
    succeeded(command("destroy", "--with-data", NAME));
    expect(onEngine()).toEqual([]);
  });
});

function publishedPorts(bindings: Readonly<Record<string, { HostIp: string; HostPort: string }[]>>): string[] {
  return Object.entries(bindings ?? {})
    .flatMap(([port, hosts]) => hosts.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}${port.endsWith("/udp") ? "/udp" : ""}`))
    .sort();
}

/** Name of the config container that the next deploy creates for the database. */
function nextConfigVolume(): string {
  const plan = JSON.parse(readFileSync(`${stackDirectory()}/cdk.tf.json`, "utf8"));
  const names = Object.values<{ name: string }>(plan.resource.docker_container).map(({ name }) => name);
  return names.find((name) => name.startsWith(`${NAME}-bookstack-db-config-`)) ?? "";
}

/** Command line and, where this user may read it, environment of every process of this machine. */
function processes(): string {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((pid) => ["cmdline", "environ"].map((file) => readProcess(`/proc/${pid}/${file}`)))
    .join("\n");
}

function readProcess(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
