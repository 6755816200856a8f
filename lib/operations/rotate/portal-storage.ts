import { assetText } from "../../../constructs/core/asset";
import { resourceName } from "../../../constructs/docker/resource-name";
import { HARDENED } from "../../clients/docker/hardened";
import { containerName } from "../../stack/names";
import { OperatorError } from "../../system/operator-error";
import type { RotationContext } from "./context";

export const STORAGE_KEY = "authelia_storage_key";
const DATABASE = "/data/db.sqlite3";
const COPY = `${DATABASE}.before`;
const KEY_VARIABLE = "AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE";
const TYPED_KEY = "/tmp/key";
const MEMORY = "--tmpfs=/tmp:rw,size=1m,mode=1777";
const SUCCESS = "Storage Encryption Key Validation: SUCCESS";

/** What the portal keeps encrypted, such as devices for one-time passwords: its own command encrypts it again with another key. */
export class PortalStorage {
  constructor(private readonly context: RotationContext) {}

  /**
   * Encrypts all with the key `next` while the portal is stopped. A copy of the data is kept until `forget`.
   *
   * @throws OperatorError when that fails; then the data are as before.
   */
  public encryptAgain(current: string, next: string): void {
    const { docker } = this.context;
    const args = this.container("sh", ["--rm", "--interactive", MEMORY]);
    const script = assetText("edge/authelia/assets/storage-key.sh");
    const key = docker.output(["run", ...args, "-c", script, "sh", DATABASE], `${current}\n${next}\n`).trim();
    if (key === "next") return;
    this.changeKey(next);
    if (this.accepts(next)) return;
    this.files(`cp -p ${COPY} ${DATABASE}`);
    throw this.problem("the portal did not re-encrypt its data; they are as before");
  }

  /** Whether the data can be read with `key`. */
  public accepts(key: string): boolean {
    const { docker } = this.context;
    const options = ["--rm", "--interactive", MEMORY, `--env=${KEY_VARIABLE}=${TYPED_KEY}`];
    // the program does not read its input, and the key is in memory alone
    const script = `umask 077; cat > ${TYPED_KEY}; exec authelia storage encryption check`;
    return docker.output(["run", ...this.container("sh", options), "-c", script], key).includes(SUCCESS);
  }

  public forget(): void {
    this.files(`rm -f ${COPY} ${DATABASE}.part`);
  }

  /** The command asks at a terminal for the key: an argument would be visible to others. */
  private changeKey(key: string): void {
    const { docker, environment } = this.context;
    const name = resourceName(environment.name, "rotate");
    docker.attempt(["rm", "--force", name]);
    docker.output(["create", ...this.container("authelia", [`--name=${name}`, "--tty", "--interactive"]), "storage", "encryption", "change-key"]);
    try {
      // what it prints may contain what was typed, and is not shown
      docker.attempt(["start", "--attach", "--interactive", name], `${key}\n`);
    } finally {
      docker.attempt(["rm", "--force", name]);
    }
  }

  private files(script: string): void {
    const { docker } = this.context;
    docker.output(["run", ...this.container("sh", ["--rm"]), "-c", script]);
  }

  /** Options, image and first word of a container like the portal's, without its network. */
  private container(program: string, options: readonly string[]): string[] {
    const { docker, environment } = this.context;
    const name = containerName(environment.name, "authelia");
    const { Image = "", Config } = docker.inspect(name) ?? {};
    const variables = (Config?.Env ?? []).filter((line) => /^(X_)?AUTHELIA_/.test(line));
    const hardening = [...HARDENED, "--network=none", "--log-driver=none", "--user=1000:1000"];
    // the last of two variables with the same name counts
    return [...hardening, `--volumes-from=${name}`, ...variables.map((line) => `--env=${line}`), ...options, `--entrypoint=${program}`, Image];
  }

  private problem(text: string): OperatorError {
    return new OperatorError(text, `npm run rotate -- ${this.context.environment.name} ${STORAGE_KEY}   # continues`);
  }
}
