import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const IMAGE = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

/** A local registry: the reference implementation, with an empty store. */
export class Registry {
  /** Starts one, and waits until it answers. */
  public static async start(): Promise<Registry> {
    const directory = mkdtempSync(join(tmpdir(), "registry-"));
    const port = await freePort();
    const config = {
      version: 0.1,
      storage: { filesystem: { rootdirectory: join(directory, "store") } },
      http: { addr: `127.0.0.1:${port}` },
      log: { level: "error" },
    };
    writeFileSync(join(directory, "config.yml"), JSON.stringify(config));
    const child = spawn("docker-registry", ["serve", join(directory, "config.yml")], {
      stdio: "ignore",
      env: { ...process.env, OTEL_TRACES_EXPORTER: "none" },
    });
    const registry = new Registry(`127.0.0.1:${port}`, child, directory);
    const deadline = Date.now() + 20_000;
    while (!(await registry.answers())) {
      if (Date.now() > deadline) throw new Error("the registry does not answer");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return registry;
  }

  private constructor(
    /** `host:port`, as image names begin with it. */
    public readonly host: string,
    private readonly child: ChildProcess,
    private readonly directory: string,
  ) {}

  /** Pushes an image of one platform; gives its digest. */
  public async pushImage(repository: string, tag: string, architecture: string, content: string): Promise<string> {
    const config = await this.blob(
      repository,
      JSON.stringify({ os: "linux", architecture, config: { Labels: { content } }, rootfs: { type: "layers", diff_ids: [] } }),
    );
    return this.manifest(repository, tag, IMAGE, {
      schemaVersion: 2,
      mediaType: IMAGE,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
      layers: [],
    });
  }

  /** Pushes an image of several platforms, with an attestation as builders add it; gives the digest of the list. */
  public async pushIndex(repository: string, tag: string, content: string, architectures: readonly string[] = ["amd64", "arm64"]): Promise<string> {
    const images = await Promise.all(architectures.map((architecture) => this.pushImage(repository, `${tag}-${architecture}`, architecture, content)));
    const entry = (digest: string, platform: object) => ({ mediaType: IMAGE, digest, size: 400, platform });
    const manifests = images.map((digest, index) => entry(digest, { os: "linux", architecture: architectures[index] }));
    const attestation = entry(images[0] ?? "", { os: "unknown", architecture: "unknown" });
    return this.manifest(repository, tag, INDEX, { schemaVersion: 2, mediaType: INDEX, manifests: [...manifests, attestation] });
  }

  public async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill();
    await ended;
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async answers(): Promise<boolean> {
    return fetch(`http://${this.host}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  private async blob(repository: string, text: string): Promise<{ digest: string; size: number }> {
    const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
    const started = await fetch(`http://${this.host}/v2/${repository}/blobs/uploads/`, { method: "POST" });
    const place = new URL(started.headers.get("location") ?? "", `http://${this.host}`);
    place.searchParams.set("digest", digest);
    const { ok, status } = await fetch(place, { method: "PUT", body: text, headers: { "content-type": "application/octet-stream" } });
    if (!ok) throw new Error(`the registry refused a blob with ${status}`);
    return { digest, size: Buffer.byteLength(text) };
  }

  private async manifest(repository: string, tag: string, type: string, content: object): Promise<string> {
    const response = await fetch(`http://${this.host}/v2/${repository}/manifests/${tag}`, {
      method: "PUT",
      body: JSON.stringify(content),
      headers: { "content-type": type },
    });
    if (!response.ok) throw new Error(`the registry refused a manifest: ${response.status} ${await response.text()}`);
    return response.headers.get("docker-content-digest") ?? "";
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
