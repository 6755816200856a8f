import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { shellWord } from "../../../constructs/core/render";
import { type HostConnection, knownHosts } from "../../../constructs/host/connection";
import { OperatorError } from "../../system/operator-error";
import { withTemporaryDirectory } from "../../system/temporary";
import { expandHome, keyFileProblem } from "./key-file";

export interface ShellResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Seconds for a connection that is not answered. */
const PATIENCE_SECONDS = 20;
/** What ssh ends with when it could not connect. */
const UNREACHABLE = 255;

/** Runs scripts as root on a host: over SSH with the pinned keys, or on this machine. */
export class HostShell {
  constructor(private readonly connection: HostConnection | undefined) {}

  /**
   * Runs `script` with `args`. The script is an argument of the shell and may be seen by others; what may not goes into `input`.
   *
   * @throws OperatorError when the host cannot be reached.
   */
  public run(script: string, args: readonly string[], input = ""): ShellResult {
    return this.connection ? this.remotely(this.connection, script, args, input) : this.locally(script, args, input);
  }

  private locally(script: string, args: readonly string[], input: string): ShellResult {
    const command = ["sh", "-c", script, "sh", ...args];
    const [program = "", ...rest] = userInfo().uid === 0 ? command : ["sudo", "-n", ...command];
    return result(spawnSync(program, rest, { input, env: process.env, encoding: "utf8", maxBuffer: MAX_OUTPUT }));
  }

  private remotely(connection: HostConnection, script: string, args: readonly string[], input: string): ShellResult {
    const { address, port, user, keyFile } = connection;
    requireKeyFile(keyFile);
    return withTemporaryDirectory((directory) => {
      const known = join(directory, "known_hosts");
      writeFileSync(known, `${knownHosts(connection)}\n`);
      const options = { BatchMode: "yes", StrictHostKeyChecking: "yes", UserKnownHostsFile: known, ConnectTimeout: PATIENCE_SECONDS, LogLevel: "ERROR" };
      const sshOptions = Object.entries(options).flatMap(([option, value]) => ["-o", `${option}=${value}`]);
      const identity = keyFile === undefined ? [] : ["-i", expandHome(keyFile), "-o", "IdentitiesOnly=yes"];
      const command = [...(user === "root" ? [] : ["sudo", "-n"]), "sh", "-c", script, "sh", ...args].map(shellWord).join(" ");
      const ended = result(
        spawnSync("ssh", [...sshOptions, ...identity, "-p", `${port}`, `${user}@${address}`, command], {
          input,
          env: process.env,
          encoding: "utf8",
          maxBuffer: MAX_OUTPUT,
        }),
      );
      if (ended.status !== UNREACHABLE) return ended;
      throw new OperatorError(
        `the host ${address} cannot be reached: ${ended.stderr.trim().split("\n").at(-1)}`,
        `ssh -p ${port} ${user}@${address} true   # must work without a password, with a key of host.ssh.hostKeys`,
      );
    });
  }
}

/** ssh itself goes on without a key that is not there, and says "permission denied". */
function requireKeyFile(keyFile: string | undefined): void {
  const found = keyFile === undefined ? undefined : keyFileProblem(keyFile);
  if (found !== undefined) throw new OperatorError(`host.ssh.keyFile: ${keyFile} ${found.problem}`, found.remedy);
}

const MAX_OUTPUT = 64 * 2 ** 20;

function result({ status, stdout, stderr, error }: ReturnType<typeof spawnSync>): ShellResult {
  // a program that exits before reading all input has printed why
  const failed = error && (error as NodeJS.ErrnoException).code !== "EPIPE";
  return { status: status ?? 1, stdout: String(stdout ?? ""), stderr: failed ? error.message : String(stderr ?? "") };
}
