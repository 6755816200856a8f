import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fullRepository, parseImageReference, registryOf } from "../../constructs/core/image-reference";
import { resolveImage } from "../../lib/clients/registry/registry";
import { lockable } from "../../lib/stack/images";
import { Checkout } from "../support/checkout";
import { describeUnless, missingProgram } from "../support/needs";
import { Registry } from "../support/registry";

jest.setTimeout(120_000);

describeUnless(missingProgram("docker-registry"), "images as a real registry has them", () => {
  let registry: Registry;

  beforeAll(async () => {
    registry = await Registry.start();
  });

  afterAll(() => registry.stop());

  test("a tag of several platforms has the digest of the list, and one for each platform that runs on Linux", async () => {
    const digest = await registry.pushIndex("team/wiki", "1.2.3", "first");
    const found = await resolveImage(`${registry.host}/team/wiki:1.2.3`);
    expect(found).toEqual({ digest, platforms: { "linux/amd64": expect.stringMatching(/^sha256:/), "linux/arm64": expect.stringMatching(/^sha256:/) } });
    expect(new Set([digest, ...Object.values(found.platforms)]).size).toBe(3);
  });

  test("a tag of one platform has the platform that its configuration names", async () => {
    const digest = await registry.pushImage("single", "2.0", "arm64", "only");
    expect(await resolveImage(`${registry.host}/single:2.0`)).toEqual({ digest, platforms: { "linux/arm64": digest } });
  });

  test("a missing image is named, with the registry's answer", async () => {
    await expect(resolveImage(`${registry.host}/none:1.0`)).rejects.toThrow(
      `${registry.host}/none:1.0 was not found at http://${registry.host}: it answers 404`,
    );
  });

  /** Name and tag as they are called at a registry, without its own name. */
  const place = (reference: string) => {
    const { repository = "", tag = "" } = parseImageReference(reference) ?? {};
    return [fullRepository(repository).slice(registryOf(repository).length + 1), tag] as const;
  };

  describe("npm run lock", () => {
    const WANTED = lockable([]);
    const MYSQL = "mysql:8.4.11";
    const checkout = Checkout.whole();

    const lock = (commandLine = "") => checkout.command(`lock --only images${commandLine}`);
    const start = () => checkout.command("start locked");
    beforeAll(async () => {
      for (const reference of WANTED) await registry.pushIndex(...place(reference), reference);
      const rest = "users: [{ name: alice, displayName: Alice, email: alice@example.com }]\nwiki: { admin: { email: admin@example.com } }\n";
      checkout.file("environments/locked.yaml", `domain: wiki.example.com\nproduction: true\n${rest}`);
      // every registry is the one that was started
      const file = "lib/clients/registry/registry.ts";
      checkout.file(file, checkout.read(file).replace(/const host = registry === [^;]*;/, `const host: string = "${registry.host}";`));
    });

    afterAll(() => checkout.remove());

    test("is asked for where an environment is for production and has no lock", async () => {
      const { status, stdout, stderr } = await start();
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/locked is for production, but images without a locked digest: \d+; run npm run lock, .*authelia\/authelia:/);
    });

    test("writes down every image, and then the environment is one for production, with digests", async () => {
      const first = await lock();
      expect(first).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining(`images.lock.json has the digests of ${WANTED.length} images.\n`) });
      const locked = JSON.parse(checkout.read("images.lock.json")).images;
      expect(Object.keys(locked)).toEqual(WANTED);
      expect(await start()).toMatchObject({ status: 0, stderr: "" });
      const plan = checkout.read("cdktf.out/stacks/locked/cdk.tf.json");
      expect(plan).toContain(`"name": "${MYSQL}@${locked[MYSQL].digest}"`);
      const pulled = Object.values<{ name: string; build?: { build_args: Record<string, string> } }>(JSON.parse(plan).resource.docker_image);
      expect(pulled.filter(({ name, build }) => !(build?.build_args.FROM ?? name).includes("@sha256:"))).toEqual([]);
      expect(await lock(" --check")).toMatchObject({ status: 0, stdout: "images.lock.json is what the registries say.\n" });
    });

    test("detects a moved tag, and locks it only on request", async () => {
      const before = checkout.read("images.lock.json");
      const moved = await registry.pushIndex(...place(MYSQL), "another image");
      const checked = await lock(" --check");
      expect([checked.status, checked.stdout]).toEqual([
        1,
        expect.stringMatching(new RegExp(`^ {2}${MYSQL} MOVED: it was sha256:[0-9a-f]{64}, and is ${moved}\n.*differs; read why, then: npm run lock\n$`)),
      ]);
      expect(checkout.read("images.lock.json")).toBe(before);
      expect(await lock()).toMatchObject({ status: 0, stdout: expect.stringContaining("MOVED") });
      expect(checkout.read("images.lock.json")).toContain(moved);
    });

    test("also writes down what environments name, and nothing when one cannot be found: each that cannot is named", async () => {
      const before = checkout.read("images.lock.json");
      const file = checkout.read("environments/locked.yaml");
      checkout.file("environments/locked.yaml", `${file}images: { mysql: "registry.example.com/gone:8.4.99", traefik: "registry.example.com/lost:3.7.99" }\n`);
      const { status, stdout, stderr } = await lock();
      checkout.file("environments/locked.yaml", file);
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/gone:8\.4\.99 was not found at \S+: it answers 404\n {2}→ .*\n\S+\/lost:3\.7\.99 was not found/);
      expect(checkout.read("images.lock.json")).toBe(before);
    });
  });

  describe("npm run lock through a mirror", () => {
    const checkout = Checkout.whole();
    const environment = (mirror: string) => {
      const rest = "users: [{ name: alice, displayName: Alice, email: alice@example.com }]\nwiki: { admin: { email: admin@example.com } }\n";
      checkout.file("environments/mirrored.yaml", `domain: wiki.example.com\nproduction: true\n${rest}images: { mirrors: { docker.io: "${mirror}" } }\n`);
    };

    beforeAll(async () => {
      for (const [repository, tag] of lockable([]).map(place)) await registry.pushIndex(`hub/${repository}`, tag, repository);
      environment(`${registry.host}/hub`);
    });

    afterAll(() => checkout.remove());

    test("writes names without mirrors, and the plan has names and digests of the mirror", async () => {
      expect(await checkout.command("lock --only images")).toMatchObject({ status: 0, stderr: "" });
      const locked = JSON.parse(checkout.read("images.lock.json")).images;
      expect(Object.keys(locked)).toEqual(lockable([]));
      expect(await checkout.command("start mirrored")).toMatchObject({ status: 0, stderr: "" });
      const plan = checkout.read("cdktf.out/stacks/mirrored/cdk.tf.json");
      for (const reference of ["mysql:8.4.11", "golang:1.26.5"]) {
        expect(plan).toContain(`"${registry.host}/hub/library/${reference}@${locked[reference].digest}"`);
      }
      expect(await checkout.command("lock --only images --check")).toMatchObject({ status: 0 });
    });

    test("names the rate limit of a mirror, and changes nothing", async () => {
      const before = checkout.read("images.lock.json");
      const server = createServer((_, response) => response.writeHead(429, { "retry-after": "60" }).end());
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      environment(host);
      const { status, stderr } = await checkout.command("lock --only images");
      server.close();
      expect(status).toBe(1);
      expect(stderr).toContain(`${host}/library/mysql:8.4.11 was not found at http://${host}: it answers 429, too many requests; it allows the next in 60 s`);
      expect(stderr).toContain(`the registry limits pulls: run docker login ${host}, which has a limit of its own, set a mirror in images.mirrors, or wait`);
      expect(checkout.read("images.lock.json")).toBe(before);
    });
  });
});
