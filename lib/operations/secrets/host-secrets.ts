import { assetText } from "../../../constructs/core/asset";
import { HostShell } from "../../clients/host/shell";
import type { Environment } from "../../environment/schema";
import { linesOf } from "../../system/lines";
import { OperatorError } from "../../system/operator-error";

/** Secrets in the keeping of the host. The tool that keeps them is brought along, because on a new host there is none yet. */
export class HostSecrets {
  constructor(private readonly environment: Environment) {}

  public names(): string[] {
    return linesOf(this.run(["names"]));
  }

  /** Puts `value` in as the secret `name`; it is neither an argument nor in an environment. */
  public put(name: string, value: string): void {
    this.run(["put", name], value);
  }

  /** The same for secrets that count together: the host hands them over, and restarts who reads them, once all of them fit. */
  public replace(values: readonly (readonly [name: string, value: string])[]): boolean {
    const said = values.map(([name, value]) => this.run(["put", name], value));
    return said.some((text) => text.includes("restarted"));
  }

  /** Makes the secret `name` anew and restarts who reads it; what the host says about it. */
  public rotate(name: string): string {
    return this.run(["rotate", name]);
  }

  /** Signs the certificate of an authority again, restarts who reads it, and has the ends of all certificates written. */
  public resign(name: string): void {
    this.run(["resign", name]);
    this.run(["renew"]);
  }

  /** Lets secrets in a directory of the host take the place of those that are kept, puts these back or forgets them; the names. */
  public exchange(step: "put" | "back" | "forget", directory = ""): string[] {
    return linesOf(this.run(["exchange", step, directory]));
  }

  private run(words: readonly string[], input = ""): string {
    const { name: namespace, host } = this.environment;
    const { status, stdout, stderr } = new HostShell(host?.ssh).run(assetText("host/assets/secrets.sh"), [namespace, ...words], input);
    if (status === 0) return stdout;
    throw new OperatorError(
      `the secrets of the host could not be ${words[0] === "names" ? "read" : "changed"}: ${stderr.trim()}`,
      `npm run host -- ${namespace}`,
    );
  }
}
