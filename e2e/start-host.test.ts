import { type ChildProcess, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Checkout } from "../__tests__/support/checkout";
import { SECRETS_TOOL } from "../constructs/host/host-secret-store";
import type { Outcome } from "../lib/operations/verify/check";
import { succeeded, until } from "./support/deployment";
import { FRIEND, HostMachine, SERVER } from "./support/host-machine";
import { imageOf, imagesHere } from "./support/images";
import { SshAgent } from "./support/ssh-agent";
import { StartPage } from "./support/start-page";

const DOMAIN = "wiki.example.com";
/** Accepts the host key at the first connection. */
const NEW_ACQUAINTANCE = "ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR ";

const IMAGES = ["traefik", "authelia", "crowdsec", "bookstack", "mysql", "backup"] as const;
/** Replaces registries: Docker's images are on a separate disk from here on. */
const BRING_IMAGES = `systemctl stop docker.socket docker && echo '/dev/vdb /var/lib/docker ext4 defaults 0 2' >>/etc/fstab && mount /var/lib/docker && systemctl start docker`;
const { missing, overrides } = imagesHere();
if (missing.length > 0) process.stderr.write(`skipped: the page on a fresh server, no image of ${missing.join(", ")}, and no stand-in\n`);

(missing.length === 0 ? describe : describe.skip)("the page from zero to a running wiki, on a fresh server", () => {
  /** File system with the images that Docker would pull. */
  const images = join(tmpdir(), "secure-bookstack-images.raw");
  const machine = new HostMachine({ kind: "fresh", memoryMiB: 8192, sshPort: 22, file: images });
  const page = new StartPage();
  const answers = new Map<string, string>();
  const children: ChildProcess[] = [];
  let checkout: Checkout;
  let agent: SshAgent | undefined;

  beforeAll(async () => {
    succeeded(spawnSync("sh", [join(__dirname, "support", "image-disk.sh"), images, ...new Set(IMAGES.map(imageOf))], { encoding: "utf8" }));
    machine.start();
    await machine.answers();
    checkout = Checkout.whole();
    agent = new SshAgent(machine.keyFile);
    children.push(await nameServer(machine));
  }, 1_800_000);

  afterAll(() => {
    for (const child of children) child.kill();
    agent?.stop();
    machine.stop();
    checkout?.remove();
    rmSync(images, { force: true });
  });

  /** Runs a line of the page where the operator is; what it printed. */
  const typed = (line: string) =>
    machine.client(["bash", "-c", line.replace(/^ssh /, NEW_ACQUAINTANCE)], { cwd: checkout.directory, env: { ...process.env, ...agent?.variables } });
  const run = (line: string) => succeeded(typed(line));
  /** What `npm run verify` says; of each line how it ended. */
  const verified = (...options: readonly string[]) => {
    const { checks }: { checks: readonly Outcome[] } = JSON.parse(typed(`npm run --silent verify -- production --json ${options.join(" ")}`).stdout);
    return Object.fromEntries(
      checks.map((outcome) => [outcome.name, outcome.result === "failed" ? outcome.findings.map(({ problem }) => problem) : outcome.result]),
    );
  };

  test("is followed to its end: every command that does not need the internet", () => {
    for (const { line, elsewhere } of page.commands({ fresh: true })) {
      if (elsewhere !== undefined) {
        process.stderr.write(`not run: ${line}, ${elsewhere}\n`);
        continue;
      }
      if (line === "npm start -- production") checkout.file("environments/production.yaml", JSON.stringify(environment()));
      if (line === "npm run plan -- production") machine.must(BRING_IMAGES);
      // there is no terminal to answer at
      answers.set(line, run(line === "npm run deploy -- production" ? `${line} --yes` : line));
    }
    expect(answers.get("npm run deploy -- production")).toContain("Every container is healthy.");
    expect(answers.get("npm run verify -- production --attack")).toMatch(/^ok {7}ban /m);
    expect(answers.get("npm run credentials -- production")).toMatch(/alice {2}alice@example\.com {2}\w{20,}/);
  });

  test("leaves nothing to do, and everything as it is promised", () => {
    expect(typed("npm run plan -- production --detailed-exitcode").status).toBe(0);
    const { "alert-path": alerts, ...others } = verified("--attack");
    expect([alerts, new Set(Object.values(others))]).toEqual(["skipped", new Set(["ok"])]);
  });

  test("Traefik sees the client's address", () => {
    typed(`curl --silent --interface ${FRIEND.ipv4} --insecure --output /dev/null --user-agent seen-by-the-edge https://bookstack.${DOMAIN}/`);
    const [seen = "{}"] = machine.must("grep -h seen-by-the-edge /var/lib/docker/volumes/production-traefik-logs/_data/access.log").split("\n");
    expect(JSON.parse(seen)).toMatchObject({ ClientHost: FRIEND.ipv4, RequestHost: `bookstack.${DOMAIN}` });
  });

  test("and is the same after the server was started again", async () => {
    await machine.reboot();
    await until(
      () => machine.run("docker ps --quiet --filter health=healthy | wc -l").stdout === machine.run("docker ps --quiet | wc -l").stdout,
      600,
      "every container is healthy",
    );
    expect(verified()).toEqual(expect.objectContaining({ "container-health": "ok", "host-parts": "ok", "reachable-ports": "ok", dns: "ok" }));
  });

  test("a manual change on the server is found, and fixed by a deploy", () => {
    machine.must(
      "sysctl -q -w kernel.kptr_restrict=1 && sed -i 's/^host_checks_last_run_timestamp_seconds .*/host_checks_last_run_timestamp_seconds 1/' /var/lib/node-exporter/textfile/host.prom",
    );
    expect(verified()).toMatchObject({
      "host-parts": [expect.stringContaining("kernel.kptr_restrict is 1, not 2")],
      "host-watch": [expect.stringMatching(/^the host was last checked \d+ minutes ago$/)],
    });
    run("npm run deploy -- production");
    machine.must("systemctl start bookstack-checks.service");
    expect(verified()).toMatchObject({ "host-parts": "ok", "host-watch": "ok" });
  });

  test("a set is restored with its keys, where the server has others by now", () => {
    const key = () => machine.must("cat /run/bookstack/production/secrets/bookstack/app_key");
    const before = key();
    run("npm run backup -- production");
    machine.must(`printf 'base64:%s' "$(openssl rand -base64 32)" | ${SECRETS_TOOL} production put app_key`);
    expect(key()).not.toBe(before);
    expect(run("npm run restore -- production latest --yes")).toContain("Secrets of the set: app_key");
    expect(key()).toBe(before);
    expect(verified()).toMatchObject({ "container-health": "ok", "host-parts": "ok", "backup-age": "ok" });
  });

  /** The file of the page: with this server's keys, no authority on the internet, the images that are here, and for a trial. */
  function environment(): object {
    const { dns: _, ...written } = page.environment();
    const hostKeys = page.hostKeys(answers);
    return {
      ...written,
      production: false,
      docker: { ...(written.docker as object), hostKey: hostKeys[0] },
      host: { ssh: { address: SERVER.ipv4, hostKeys } },
      // the attack comes from where the operator is
      access: { trusted: [`${FRIEND.ipv4}/32`] },
      tls: { issuer: "local" },
      dns: { provider: "none", ipv4: SERVER.ipv4 },
      // an emulated processor has enough to do
      monitoring: { enabled: false },
      images: overrides,
    };
  }
});

/** The operator's DNS server: names below the domain point to the server. */
async function nameServer(machine: HostMachine): Promise<ChildProcess> {
  const args = [join(__dirname, "support", "zone-stand-in.js"), DOMAIN, FRIEND.ipv4, "8053", "53", "none", SERVER.ipv4];
  const child = machine.inBackground([process.execPath, ...args]);
  machine.ask(FRIEND.ipv4);
  await until(() => machine.client(["getent", "hosts", `auth.${DOMAIN}`]).status === 0, 30, "names point to the server");
  return child;
}
