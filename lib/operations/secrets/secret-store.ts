import { SECRETS_DIRECTORY } from "../../../constructs/contracts/secret-store";
import { LABEL } from "../../../constructs/docker/labels";
import { STORE_DIRECTORY } from "../../../constructs/secrets/volume-store";
import { Docker } from "../../clients/docker/docker";
import type { Environment } from "../../environment/schema";
import { nameOfStandby } from "../../environment/standby";
import { imagesFor } from "../../stack/images";
import { CERTIFICATE, CERTIFICATE_KEY } from "../../stack/issuer";
import { containerName, volumeName } from "../../stack/names";
import type { WikiStack } from "../../stack/wiki-stack";
import { linesOf } from "../../system/lines";
import { OperatorError } from "../../system/operator-error";
import { readFailover } from "../standby/roles";
import { HostSecrets } from "./host-secrets";

/** The secrets of an environment, where they are kept. */
export interface StoredSecrets {
  /** Names of what is in the store; nothing before the first deploy. */
  names(): string[];
  /** Puts `value` in as the secret `name`; it is neither an argument nor in an environment. */
  put(name: string, value: string): void;
  /** Stores secrets of the reverse proxy that must match, and distributes them if a deploy has created it; whether it has. */
  replace(values: readonly (readonly [name: string, value: string])[]): boolean;
}

/** The store of an environment: encrypted on a hardened host, a volume otherwise. */
export function storedSecrets(environment: Environment): StoredSecrets {
  return environment.host ? new HostSecrets(environment) : new SecretStoreVolume(environment);
}

/** The secrets of an environment, in their volume on the Docker host. */
export class SecretStoreVolume implements StoredSecrets {
  private readonly docker: Docker;
  private readonly volume: string;

  constructor(private readonly environment: Environment) {
    this.docker = new Docker(environment.docker);
    this.volume = volumeName(environment.name, "secrets");
  }

  public names(): string[] {
    if (!this.exists()) return [];
    return linesOf(this.run('for file in *; do [ ! -s "$file" ] || echo "$file"; done', "", true));
  }

  public put(name: string, value: string): void {
    this.write(name, value);
    this.forgetJob();
  }

  /**
   * Files of the store by their names, as base64.
   *
   * @throws OperatorError when one of them is missing.
   */
  public read(files: readonly string[]): Readonly<Record<string, string>> {
    const script = `for file in ${files.join(" ")}; do [ ! -s "$file" ] || { printf '%s ' "$file"; base64 -w 0 "$file"; echo; }; done`;
    const found = linesOf(this.run(script, "", true)).map((line) => line.split(" ") as [string, string]);
    const missing = files.filter((file) => !found.some(([name]) => name === file));
    if (missing.length > 0)
      throw new OperatorError(`${this.environment.name} has no secret ${missing.join(", ")}`, `npm run deploy -- ${this.environment.name}`);
    return Object.fromEntries(found);
  }

  /** Puts files in, given as base64; the next deploy distributes them, if one of them has changed. */
  public putFiles(files: Readonly<Record<string, string>>): void {
    const lines = Object.entries(files).map(([name, value]) => `${name} ${value}\n`);
    this.create();
    const script = [
      "umask 077; while read -r name value; do",
      'printf %s "$value" | base64 -d >.provided && chmod 0400 .provided',
      'if cmp -s .provided "$name"; then rm .provided; else mv .provided "$name" && echo "$name"; fi',
      "done",
    ].join("\n");
    if (linesOf(this.run(script, lines.join(""))).length > 0) this.forgetJob();
  }

  public replace(values: readonly (readonly [name: string, value: string])[]): boolean {
    const edge = containerName(this.environment.name, "traefik");
    const job = this.job();
    if (job === undefined || !this.reads(edge, values)) {
      for (const [name, value] of values) this.put(name, value);
      return false;
    }
    for (const [name, value] of values) this.write(name, value);
    this.docker.output(["start", "--attach", job]);
    this.docker.output(["restart", edge]);
    return true;
  }

  /** Whether a container that runs has these secrets already, perhaps with other values. */
  private reads(container: string, values: readonly (readonly [name: string, value: string])[]): boolean {
    if (this.docker.inspect(container)?.State.Running !== true) return false;
    const names = values.map(([name]) => name);
    // a service may read its secrets, and not list them
    const script = 'cd "$0" && for name; do [ ! -e "$name" ] || echo "$name"; done';
    const there = linesOf(this.docker.output(["exec", container, "sh", "-c", script, SECRETS_DIRECTORY, ...names]));
    return names.every((name) => there.includes(name));
  }

  /** The job has done its work; without it the next deploy hands the new values over. */
  private forgetJob(): void {
    const job = this.job();
    if (job !== undefined) this.docker.output(["rm", job]);
  }

  private write(name: string, value: string): void {
    this.create();
    this.run(`umask 077; cat > .provided && chmod 0400 .provided && mv .provided ${name}`, value);
  }

  private create(): void {
    const labels = Object.entries({ [LABEL.namespace]: this.environment.name, [LABEL.kind]: "data" }).map(([label, text]) => `--label=${label}=${text}`);
    if (!this.exists()) this.docker.output(["volume", "create", ...labels, this.volume]);
  }

  /** The job that hands secrets over, when it is there. */
  private job(): string | undefined {
    return this.containers().find((container) => container === containerName(this.environment.name, "secrets"));
  }

  private containers(): string[] {
    return this.docker.labelled("container", `${LABEL.namespace}=${this.environment.name}`);
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

/** Names of the provided secrets of `stack`. */
export function providedSecrets(stack: WikiStack): string[] {
  return stack.secrets
    .describe()
    .filter(({ kind }) => kind.startsWith("provided"))
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
    requireNoSource(environment);
    throw new OperatorError(
      `${environment.name} needs ${missing.join(" and ")}, which only you can give`,
      [...new Set(missing.map((name) => bringing(environment.name, name)))].join("\n"),
    );
  }
}

/** @throws OperatorError when a command copies the missing secrets from the host that this one follows. */
function requireNoSource({ name, replication }: Environment): void {
  if (replication?.role !== "replica") return;
  const base = nameOfStandby(name) ?? name;
  const remedy = readFailover(base)?.step === "done" ? `npm run failover -- ${base} --back` : `npm run standby -- ${base}`;
  throw new OperatorError(`${name} follows another host, and does not have its secrets yet`, remedy);
}

/** The command that stores a secret; a certificate and its key are stored together. */
function bringing(environment: string, name: string): string {
  if (name === CERTIFICATE || name === CERTIFICATE_KEY) return `npm run certificate -- ${environment} fullchain.pem privkey.pem`;
  return `npm run secret -- ${environment} ${name}   # then paste it, Enter, Ctrl+D`;
}

/** Names of the variables that Terraform will find in its environment, and that are not empty. */
function variablesOfTerraform(): string[] {
  return Object.entries(process.env).flatMap(([name, value = ""]) => (name.startsWith("TF_VAR_") && value !== "" ? [name.slice("TF_VAR_".length)] : []));
}
