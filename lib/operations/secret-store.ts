import { LABEL } from "../../constructs/docker/labels";
import { STORE_DIRECTORY } from "../../constructs/secrets/volume-store";
import { Docker } from "../docker/docker";
import type { Environment } from "../environment/schema";
import { HostSecrets } from "../host/host-secrets";
import { imagesFor } from "../images";
import { linesOf } from "../lines";
import { OperatorError } from "../operator-error";
import type { WikiStack } from "../wiki-stack";

/** The secrets of an environment, where they are kept. */
export interface StoredSecrets {
  /** Names of what is in the store; nothing before the first deploy. */
  names(): string[];
  /** Puts `value` in as the secret `name`; it is neither an argument nor in an environment. */
  put(name: string, value: string): void;
}

/** The store of an environment: encrypted on a hardened host, a volume otherwise. */
export function storedSecrets(environment: Environment): StoredSecrets {
  return environment.host ? new HostSecrets(environment) : new SecretStoreVolume(environment);
}

/**
 * The store of a hardened host.
 *
 * @throws OperatorError when the environment has none.
 */
export function hostStore(environment: Environment): { rotate(name: string): string } {
  if (environment.host) return new HostSecrets(environment);
  throw new OperatorError(`${environment.name} leaves its host alone, and secrets in a volume are not made anew by a command`, "docs/operations.md");
}

/** The secrets of an environment, in their volume on the Docker host. */
class SecretStoreVolume implements StoredSecrets {
  private readonly docker: Docker;
  private readonly volume: string;

  constructor(private readonly environment: Environment) {
    this.docker = new Docker(environment.docker);
    this.volume = `${environment.name}-secrets`;
  }

  public names(): string[] {
    if (!this.exists()) return [];
    return linesOf(this.run('for file in *; do [ ! -s "$file" ] || echo "$file"; done', "", true));
  }

  public put(name: string, value: string): void {
    const { name: namespace } = this.environment;
    const labels = Object.entries({ [LABEL.namespace]: namespace, [LABEL.kind]: "data" }).map(([label, text]) => `--label=${label}=${text}`);
    if (!this.exists()) this.docker.output(["volume", "create", ...labels, this.volume]);
    this.run(`umask 077; cat > .provided && chmod 0400 .provided && mv .provided ${name}`, value);
    // it has done its work; without it the next deploy hands the new value over
    const job = `${namespace}-secrets`;
    if (this.docker.labelled("container", `${LABEL.namespace}=${namespace}`).includes(job)) this.docker.output(["rm", job]);
  }

  private exists(): boolean {
    return this.docker.output(["volume", "ls", "--quiet", "--filter", `name=^${this.volume}$`]).trim() === this.volume;
  }

  private run(script: string, input: string, readOnly = false): string {
    const { database, images } = this.environment;
    const mount = `type=volume,source=${this.volume},target=${STORE_DIRECTORY}${readOnly ? ",readonly" : ""}`;
    const hardening = ["--network=none", "--read-only", "--cap-drop=ALL", "--log-driver=none", "--user=0:0"];
    const command = ["--entrypoint=sh", imagesFor(database.version, images).mysql.reference, "-c", script];
    return this.docker.output(["run", "--rm", "--interactive", ...hardening, "--mount", mount, "--workdir", STORE_DIRECTORY, ...command], input);
  }
}

/** Names of the secrets of `stack` that somebody else gives out. */
export function providedSecrets(stack: WikiStack): string[] {
  return stack.secrets
    .describe()
    .filter(({ kind }) => kind === "provided" || kind === "provided-file")
    .map(({ name }) => name);
}

/**
 * Makes sure that every secret which cannot be created is there.
 *
 * @throws OperatorError that names all that are missing.
 */
export function requireProvidedSecrets(stack: WikiStack, environment: Environment): void {
  const wanted = providedSecrets(stack);
  if (wanted.length === 0) return;
  const present = [...storedSecrets(environment).names(), ...(environment.secrets.variables ? variablesOfTerraform() : [])];
  const missing = wanted.filter((name) => !present.includes(name));
  if (missing.length > 0) {
    throw new OperatorError(
      `${environment.name} needs ${missing.join(" and ")}, which only you can give`,
      missing.map((name) => `npm run secret -- ${environment.name} ${name}   # then paste it, Enter, Ctrl+D`).join("\n"),
    );
  }
}

/** Names of the variables that Terraform will find in its environment, and that are not empty. */
function variablesOfTerraform(): string[] {
  return Object.entries(process.env).flatMap(([name, value = ""]) => (name.startsWith("TF_VAR_") && value !== "" ? [name.slice("TF_VAR_".length)] : []));
}
