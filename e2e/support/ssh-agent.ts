import { execFileSync } from "node:child_process";

/** A separate agent with the key of an operator. */
export class SshAgent {
  private readonly pid: number;
  private readonly socket: string;

  constructor(keyFile: string) {
    const printed = execFileSync("ssh-agent", ["-s"], { encoding: "utf8" });
    const value = (name: string) => new RegExp(`${name}=([^;]+);`).exec(printed)?.[1] ?? "";
    this.pid = Number(value("SSH_AGENT_PID"));
    this.socket = value("SSH_AUTH_SOCK");
    execFileSync("ssh-add", ["-q", keyFile], { env: { ...process.env, ...this.variables } });
  }

  /** With these ssh asks it. */
  public get variables(): Record<string, string> {
    return { SSH_AUTH_SOCK: this.socket };
  }

  public stop(): void {
    process.kill(this.pid);
  }
}
