import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./deployment";

/** An SSH server on a port of 127.0.0.1 that presents its keys; only the owner of `userKey` may log in. */
export class SshServer {
  private readonly directory = mkdtempSync(join(tmpdir(), "ssh-server-"));
  private process: ChildProcess | undefined;
  /** Its Ed25519 key, as `<type> <base64>`. */
  public hostKey = "";

  constructor(private readonly port: number) {}

  /** Private key of a user who may log in as root, made by `start`. */
  public get userKey(): string {
    return join(this.directory, "user");
  }

  public async start(): Promise<void> {
    const path = (name: string) => join(this.directory, name);
    for (const name of ["key", "user"]) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path(name)]);
    this.hostKey = readFileSync(path("key.pub"), "utf8").trim();
    const lines = [
      `ListenAddress 127.0.0.1:${this.port}`,
      `HostKey ${path("key")}`,
      `PidFile ${path("pid")}`,
      `AuthorizedKeysFile ${path("user.pub")}`,
      "StrictModes no",
      "PasswordAuthentication no",
      "UsePAM no",
    ];
    writeFileSync(path("config"), `${lines.join("\n")}\n`);
    mkdirSync("/run/sshd", { recursive: true });
    this.process = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", path("config")], { stdio: "ignore" });
    await until(() => spawnSync("ssh-keyscan", ["-p", `${this.port}`, "127.0.0.1"], { encoding: "utf8" }).stdout !== "", 20, "the SSH server answers");
  }

  public stop(): void {
    this.process?.kill();
    rmSync(this.directory, { recursive: true });
  }
}
