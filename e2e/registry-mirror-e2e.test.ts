import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describeUnless, missingProgram } from "../__tests__/support/needs";
import { Deployment, docker } from "./support/deployment";
import { imageOf } from "./support/images";

/**
 * A wiki whose images come through mirrors of Docker Hub at a registry that needs a login: the portal is pulled from there, Traefik and
 * CrowdSec are built from images of it. What no longer prefix names would come from a registry that answers 429.
 */
const WIKI = new Deployment({ name: "mir", http: 18_068, https: 18_468, subnets: 209, entry: join(__dirname, "support", "built-offline.ts") });
const REGISTRY = "127.0.0.1:5079";
/** The same by a name for which there is no login. */
const UNKNOWN = "localhost:5079";
const HUB = `${REGISTRY}/hub`;
const PASSWORD = "mirror-password-of-a-test";
const MIRRORED = {
  [`${HUB}/authelia/authelia:4.39.20`]: imageOf("authelia"),
  [`${HUB}/library/traefik:v3.7.11`]: imageOf("traefik"),
  [`${HUB}/crowdsecurity/crowdsec:v1.7.8`]: imageOf("crowdsec"),
};
/** Images that are on the engine, by their full names. */
const HERE = { "docker.io/e2e": "docker.io/e2e" };
const OVERRIDES = { bookstack: imageOf("bookstack"), mysql: imageOf("mysql"), backup: imageOf("backup") };

describeUnless(missingProgram("docker-registry") ?? missingProgram("htpasswd"), "a wiki through mirrors with a login", () => {
  let place: string;
  let registry: ChildProcess;
  let limited: Server;
  let limitedHost: string;

  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), "mirror-"));
    for (const folder of ["data", "config"]) mkdirSync(join(place, folder));
    writeFileSync(join(place, "htpasswd"), spawnSync("htpasswd", ["-Bbn", "alice", PASSWORD]).stdout);
    const configuration = {
      version: "0.1",
      storage: { filesystem: { rootdirectory: join(place, "data") } },
      http: { addr: REGISTRY },
      auth: { htpasswd: { realm: "test", path: join(place, "htpasswd") } },
    };
    writeFileSync(join(place, "registry.yml"), JSON.stringify(configuration));
    registry = spawn("docker-registry", ["serve", join(place, "registry.yml")], { stdio: "ignore" });
    for (let tries = 0; tries < 100 && !(await fetch(`http://${REGISTRY}/v2/`).catch(() => undefined)); tries += 1) await pause(100);
    const login = ["--config", join(place, "config"), "login", REGISTRY, "--username", "alice", "--password-stdin"];
    expect(spawnSync("docker", login, { input: PASSWORD }).status).toBe(0);
    for (const [name, image] of Object.entries(MIRRORED)) {
      docker("tag", image, name);
      docker("--config", join(place, "config"), "push", "--quiet", name);
    }
    limited = createServer((_, response) => {
      response.writeHead(429, { "content-type": "application/json", "ratelimit-limit": "100;w=21600", "ratelimit-remaining": "0;w=21600" });
      response.end(JSON.stringify({ errors: [{ code: "TOOMANYREQUESTS", message: "You have reached your pull rate limit." }] }));
    });
    await new Promise<void>((resolve) => limited.listen(0, "127.0.0.1", resolve));
    limitedHost = `127.0.0.1:${(limited.address() as AddressInfo).port}`;
    forget();
    WIKI.clean();
    WIKI.variables = { DOCKER_CONFIG: join(place, "config") };
    write({ "docker.io/authelia": `${HUB}/authelia` });
  });

  afterAll(() => {
    WIKI.clean();
    forget();
    limited.close();
    registry.kill();
    rmSync(place, { recursive: true });
  });

  function write(mirrors: Readonly<Record<string, string>>): void {
    const prefixes = {
      "docker.io": limitedHost,
      "docker.io/library": `${HUB}/library`,
      "docker.io/crowdsecurity": `${HUB}/crowdsecurity`,
      ...HERE,
      ...mirrors,
    };
    WIKI.write({ images: { ...OVERRIDES, mirrors: prefixes }, docker: { registryLogins: [REGISTRY] } });
  }

  /** Removes the names from the engine that a deploy has to pull or build. */
  function forget(): void {
    const built = docker("image", "ls", "--quiet", "--filter", "label=e2e.built=yes").split("\n");
    for (const image of [...Object.keys(MIRRORED), ...built]) if (image !== "") spawnSync("docker", ["image", "rm", "--force", image]);
  }

  /** Everything that could keep a login. */
  function kept(): string {
    const containers = Object.keys(WIKI.containerIds());
    const images = docker("image", "ls", "--quiet", "--filter", "label=e2e.built=yes").split("\n");
    return [
      readFileSync(WIKI.stateFile(), "utf8"),
      readFileSync(join(WIKI.stackDirectory(), "cdk.tf.json"), "utf8"),
      docker("inspect", ...containers),
      docker("image", "inspect", ...images),
      ...images.map((image) => docker("history", "--no-trunc", image)),
    ].join("\n");
  }

  test("is deployed, and nothing keeps the login", async () => {
    const { status, output } = await WIKI.commandInBackground("deploy");
    expect([status, output]).toEqual([0, expect.stringContaining("Every container is healthy.")]);
    const images = docker("ps", "--filter", "name=^mir-(authelia|traefik|crowdsec)$", "--format", "{{.Image}}").split("\n");
    expect(images).toHaveLength(3);
    const plan = readFileSync(join(WIKI.stackDirectory(), "cdk.tf.json"), "utf8");
    for (const name of Object.keys(MIRRORED)) expect(plan).toContain(name);
    for (const secret of [PASSWORD, Buffer.from(`alice:${PASSWORD}`).toString("base64"), "alice"]) expect(kept()).not.toContain(secret);
    expect(WIKI.must("plan")).toMatch(/no changes/i);
  });

  test("a rate limit is named with the remedy by doctor, upgrade and deploy, and the wiki goes on", async () => {
    const before = WIKI.containerIds();
    write({ "docker.io/authelia": `${limitedHost}/authelia` });
    const { output: seen } = await WIKI.commandInBackground("doctor", "--json");
    expect(JSON.parse(seen).found).toContainEqual(
      expect.objectContaining({
        cause: "images",
        problem: expect.stringMatching(/answers 429, too many requests; it allows 100 pulls in 6 h: \S+\/authelia:4\.39\.20$/),
        remedy: expect.stringMatching(/docker login 127\.0\.0\.1:\d+ .*images\.mirrors, or wait/),
      }),
    );
    const upgraded = await WIKI.commandInBackground("upgrade", "--yes");
    expect(upgraded.status).not.toBe(0);
    expect(upgraded.output).toMatch(
      /authelia:4\.39\.20 cannot be pulled; nothing was changed: .*pull rate limit[\s\S]*→ the registry limits pulls: run docker login 127/,
    );
    const deployed = await WIKI.commandInBackground("deploy");
    expect(deployed.status).not.toBe(0);
    expect(deployed.output).toMatch(
      new RegExp(`The rate limit of ${limitedHost} is reached; not pulled: ${limitedHost}/authelia/authelia:4\\.39\\.20\n  → .*images\\.mirrors, or wait`),
    );
    expect(WIKI.containerIds()).toEqual(before);
  });
  test("a registry without a login is named with the remedy, and the wiki goes on", async () => {
    const before = WIKI.containerIds();
    write({ "docker.io/authelia": `${UNKNOWN}/hub/authelia` });
    const { status, output } = await WIKI.commandInBackground("deploy");
    expect(status).not.toBe(0);
    expect(output).toContain(`${UNKNOWN} wants a login; not pulled: ${UNKNOWN}/hub/authelia/authelia:4.39.20\n`);
    expect(output).toContain(`run docker login ${UNKNOWN} and add it to docker.registryLogins`);
    expect(WIKI.containerIds()).toEqual(before);
  });
});
