import { assetText } from "../../../constructs/core/asset";
import { withOperatorTexts } from "../../../constructs/core/operator-texts";
import { HostShell } from "../../clients/host/shell";
import type { Environment } from "../../environment/schema";
import { OPERATOR_TEXTS } from "../../stack/operator-texts";
import { linesOf } from "../../system/lines";
import { OperatorError } from "../../system/operator-error";

/** The secret store of the host. Its tool is uploaded with each command, because a new host has none yet. */
export class HostSecrets {
  constructor(private readonly environment: Environment) {}

  public names(): string[] {
    return linesOf(this.run(["names"]));
  }

  /** Puts `value` in as the secret `name`; it is neither an argument nor in an environment. */
  public put(name: string, value: string): void {
    this.run(["put", name], value);
  }

  /** The same for secrets that must match: the host distributes them, and restarts their services, when all of them match. */
  public replace(values: readonly (readonly [name: string, value: string])[]): boolean {
    const messages = values.map(([name, value]) => this.run(["put", name], value));
    return messages.some((text) => text.includes("restarted"));
  }

  /** Rotates the secret `name` and restarts the services that read it; returns the host's output. */
  public rotate(name: string): string {
    return this.run(["rotate", name]);
  }

  /** Signs a CA certificate again, restarts the services that read it, and updates the metrics of all certificates. */
  public resign(name: string): void {
    this.run(["resign", name]);
    this.run(["renew"]);
  }

  /** Lets secrets in a directory of the host take the place of those that are kept, puts these back or forgets them; the names. */
  public exchange(step: "put" | "back" | "forget", directory = ""): string[] {
    return linesOf(this.run(["exchange", step, directory]));
  }

  /** A step of a rotation in the store; what it prints. */
  public rotation(step: string, names: readonly string[] = []): string {
    return this.run(["rotation", step, ...names]);
  }

  private run(args: readonly string[], input = ""): string {
    const { name: namespace, host } = this.environment;
    const { status, stdout, stderr } = new HostShell(host?.ssh).run(
      withOperatorTexts(assetText("host/assets/secrets.sh"), OPERATOR_TEXTS),
      [namespace, ...args],
      input,
    );
    if (status === 0) return stdout;
    throw new OperatorError(
      `the secrets of the host could not be ${args[0] === "names" ? "read" : "changed"}: ${stderr.trim()}`,
      `npm run host -- ${namespace}`,
    );
  }
}
