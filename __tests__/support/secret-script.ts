import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { basename } from "node:path";
import { assetText } from "../../constructs/core/asset";
import { withOperatorTexts } from "../../constructs/core/operator-texts";
import { type Outcome, OWN_USER, Sandbox } from "./sandbox";

/** The script that creates secrets, in a sandbox with an empty store. */
export class SecretScript {
  public readonly sandbox = new Sandbox();

  constructor() {
    this.sandbox.file("create-secrets.sh", withOperatorTexts(assetText("secrets/assets/create-secrets.sh")));
    for (const path of ["secrets/assets/hash.php", "secrets/assets/hash.json", "core/assets/first-error.php"])
      this.sandbox.file(basename(path), assetText(path));
    this.sandbox.folder("store");
    this.sandbox.folder("services");
  }

  /** Another one with the same store and services: making the certificates of a store takes longer than most tests. */
  public copy(): SecretScript {
    const made = new SecretScript();
    const { status, stderr } = made.sandbox.sh(["-c", 'cp -a "$0/store" "$0/services" "$0/manifest" .', this.sandbox.directory]);
    if (status !== 0) throw new Error(stderr);
    return made;
  }

  /** Runs the script with a manifest of these lines, each with its fields separated by spaces. */
  public run(lines: readonly string[], environment: Readonly<Record<string, string>> = {}): Outcome {
    for (const service of lines.filter((line) => line.startsWith("give ")).map((line) => line.split(" ")[2])) this.sandbox.folder(`services/${service}`);
    this.sandbox.file("manifest", lines.map((line) => `${line.replaceAll(" ", "\t")}\n`).join(""));
    // MAIN: the process that a test may have to kill
    const main = 'MAIN=$$ && export MAIN && exec sh create-secrets.sh manifest "$PWD/store" "$PWD/services"';
    return this.sandbox.sh(["-c", main], environment);
  }

  /** Runs the script and fails when it does; what it printed. */
  public must(...lines: readonly string[]): string {
    const { status, stdout, stderr } = this.run(lines);
    if (status !== 0) throw new Error(`create-secrets.sh ended with ${status}: ${stderr}`);
    return stdout;
  }

  /** Text of a file of the store. */
  public stored(name: string): string {
    return this.sandbox.read(`store/${name}`);
  }

  public certificate(name: string): X509Certificate {
    return new X509Certificate(this.stored(`${name}.crt`));
  }

  /** What openssl says, as a client would, of a certificate of the store; `purpose` as in `openssl verify`. */
  public verify(authority: string, file: string): string {
    try {
      return execFileSync("openssl", ["verify", "-purpose", "sslserver", "-CAfile", this.sandbox.path("store", `${authority}.crt`), file], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  }
}

/** A line that hands `file` to `service`, in the name of the user that runs the script. */
export function grant(file: string, service: string, user: string = OWN_USER): string {
  return `give ${file} ${service} ${user}`;
}
