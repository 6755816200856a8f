import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker } from "./deployment";

/** A message that arrived. */
export interface Mail {
  readonly kind: "mail";
  readonly encrypted: boolean;
  readonly helo: string;
  /** Account that the client showed, and the SHA-256 of its password. */
  readonly user?: string;
  readonly password?: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly sender: string;
}

/** A call of a webhook. */
export interface Call {
  readonly kind: "call";
  readonly host: string;
  readonly path: string;
  readonly body: { readonly event: string; readonly text: string };
}

const SCRIPT = join(__dirname, "outside.php");

/** An external mail server and webhook receiver, with certificates of their own CA. */
export class ExternalServers {
  /** Certificate of the authority, as PEM. */
  public readonly ca: string;
  private readonly directory = mkdtempSync(join(tmpdir(), "secure-bookstack-outside-"));

  constructor(
    private readonly name: string,
    private readonly hosts: readonly string[],
  ) {
    const [key, request, certificate] = ["key.pem", "request.pem", "certificate.pem"];
    const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    this.openssl("req", "-new", "-x509", ...ec, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=ExternalServers");
    this.openssl("req", "-new", ...ec, "-keyout", key, "-out", request, "-subj", `/CN=${hosts[0]}`);
    writeFileSync(join(this.directory, "extensions"), `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(",")}\n`);
    this.openssl("x509", "-req", "-in", request, "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "1", "-extfile", "extensions", "-out", certificate);
    writeFileSync(join(this.directory, "server.pem"), [certificate, key].map((file) => readFileSync(join(this.directory, file), "utf8")).join(""));
    this.ca = readFileSync(join(this.directory, "ca.pem"), "utf8");
  }

  /** Starts it on `network`, where DNS resolves its names to `address`; a running one moves there. */
  public start(network: string, image: string, address: string): void {
    this.stop();
    const aliases = this.hosts.flatMap((host) => ["--network-alias", host]);
    const place = ["--network", network, "--ip", address, ...aliases];
    docker("create", "--name", this.name, "--init", "--user", "0:0", ...place, "--entrypoint", "php", image, "/tmp/outside.php");
    docker("cp", join(this.directory, "server.pem"), `${this.name}:/tmp/server.pem`);
    docker("cp", SCRIPT, `${this.name}:/tmp/outside.php`);
    docker("start", this.name);
  }

  /** How the mail server behaves from now on. */
  public behave(mode: "well" | "plain" | "silent" | "refuse"): void {
    docker("exec", this.name, "sh", "-c", `echo ${mode} >/tmp/mode`);
  }

  public mails(to: string): Mail[] {
    return this.arrivals<Mail>("mail").filter((mail) => mail.to.includes(to));
  }

  public calls(): Call[] {
    return this.arrivals<Call>("call");
  }

  public stop(): void {
    spawnSync("docker", ["rm", "--force", this.name], { stdio: "ignore" });
  }

  public clean(): void {
    this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private arrivals<T extends { readonly kind: string }>(kind: T["kind"]): T[] {
    const lines = docker("logs", this.name).split("\n");
    return lines
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as T)
      .filter((arrival) => arrival.kind === kind);
  }

  private openssl(...args: readonly string[]): void {
    const { status, stderr } = spawnSync("openssl", args, { cwd: this.directory, encoding: "utf8" });
    if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
  }
}
