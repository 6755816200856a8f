import { createPrivateKey } from "node:crypto";
import { excerpt } from "../../../constructs/core/secret-kinds";
import { halt, resume } from "../../clients/docker/halt";
import type { Environment } from "../../environment/schema";
import { containerName } from "../../stack/names";
import { OperatorError } from "../../system/operator-error";
import { WIKI_PHP } from "../wiki-commands";
import { type Method, type RotationContext, restart, waitUntilHealthy } from "./context";
import { PortalStorage, STORAGE_KEY } from "./portal-storage";

const SIGNING_KEY = "oidc_signing_key";
const CLIENT_SECRET = /^oidc_(?!hmac_)([a-z][a-z0-9]*)_secret$/;
/** Characters of an answer that are shown. */
const SHOWN = 200;
const TOKEN_URL = "http://authelia:9091/api/oidc/token";

/** Headers as the reverse proxy sends them; without them the portal does not know its own address. */
function forwarded({ domain, ports: { https } }: Environment): string[] {
  return ["X-Forwarded-Proto: https", `X-Forwarded-Host: auth.${domain}${https === 443 ? "" : `:${https}`}`];
}

/** Secrets that the portal reads at its start: it is restarted once for all of them, and users sign in again. */
export class PortalSecrets implements Method {
  private readonly storage: PortalStorage;

  constructor(private readonly context: RotationContext) {
    this.storage = new PortalStorage(context);
  }

  public check(): void {
    const { docker, environment } = this.context;
    if (docker.inspect(this.container) !== undefined) return;
    throw new OperatorError(`${this.container} does not exist`, `npm run deploy -- ${environment.name}`);
  }

  public prepare(names: readonly string[]): void {
    if (!names.includes(STORAGE_KEY)) return;
    const { docker, store, say } = this.context;
    // before it stops, because each read takes time
    const [current, next] = [store.read(STORAGE_KEY), store.read(`${STORAGE_KEY}.next`)];
    say(`stops ${this.container} while it re-encrypts its data`);
    halt(docker, this.container);
    this.storage.encryptAgain(current, next);
  }

  public async activate(names: readonly string[]): Promise<void> {
    const { docker, environment } = this.context;
    if (docker.inspect(this.container)?.State.Running === true) await restart(this.context, ["authelia"]);
    resume(docker, this.container);
    await waitUntilHealthy(docker, this.container);
    const clients = names.flatMap((name) => CLIENT_SECRET.exec(name)?.[1] ?? []);
    // the wiki reads its secret at each request
    await restart(
      this.context,
      clients.filter((client) => client !== "bookstack"),
    );
    // the wiki remembers the keys of the portal for 15 minutes
    if (names.includes(SIGNING_KEY)) docker.output(["exec", containerName(environment.name, "bookstack"), ...WIKI_PHP, "artisan", "cache:clear"]);
  }

  public async verify(names: readonly string[]): Promise<void> {
    const { store, docker, environment } = this.context;
    for (const name of names) {
      const value = store.read(name);
      if (name === STORAGE_KEY && !this.storage.accepts(value)) throw this.problem(`the portal does not accept the new ${name}`);
      if (CLIENT_SECRET.test(name) && !this.clientAccepted(name, value)) throw this.problem(`the portal does not accept the new ${name}`);
      if (name === SIGNING_KEY && !this.signsWith(value)) throw this.problem(`the portal signs with another key than the new ${name}`);
    }
    docker.output(["exec", containerName(environment.name, "bookstack"), "curl", "-fsS", "-m", "20", "-o", "/dev/null", "http://authelia:9091/api/health"]);
  }

  public async retire(names: readonly string[]): Promise<void> {
    const { store } = this.context;
    for (const name of names) {
      const old = store.read(`${name}.previous`);
      const accepted =
        (name === STORAGE_KEY && this.storage.accepts(old)) ||
        (CLIENT_SECRET.test(name) && this.clientAccepted(name, old)) ||
        (name === SIGNING_KEY && this.signsWith(old));
      if (accepted) throw this.problem(`the portal still accepts the old ${name}`);
    }
    if (names.includes(STORAGE_KEY)) this.storage.forget();
  }

  /** Asks for a token with a code that does not exist: the answer says whether the client was recognized. */
  private clientAccepted(name: string, secret: string): boolean {
    const { docker, environment } = this.context;
    const client = CLIENT_SECRET.exec(name)?.[1] ?? "";
    const lines = [
      `user = "${client}:${secret}"`,
      `url = "${TOKEN_URL}"`,
      ...forwarded(environment).map((header) => `header = "${header}"`),
      'data = "grant_type=authorization_code&code=none&redirect_uri=https://none.invalid/"',
    ];
    const answer = docker.output(
      ["exec", "--interactive", containerName(environment.name, "bookstack"), "curl", "-sS", "-m", "20", "--config", "-"],
      lines.join("\n"),
    );
    if (answer.includes("invalid_client")) return false;
    if (answer.includes("invalid_grant")) return true;
    throw this.problem(`the portal gave no answer about ${name}: ${excerpt(answer, SHOWN)}`);
  }

  /** Whether the public key that the portal shows belongs to the private key `pem`. */
  private signsWith(pem: string): boolean {
    const { docker, environment } = this.context;
    const headers = forwarded(environment).flatMap((header) => ["--header", header]);
    const answer = docker.output([
      "exec",
      containerName(environment.name, "bookstack"),
      "curl",
      "-fsS",
      "-m",
      "20",
      ...headers,
      "http://authelia:9091/jwks.json",
    ]);
    const { keys } = JSON.parse(answer) as { keys: { n: string }[] };
    const { n } = createPrivateKey(pem).export({ format: "jwk" });
    return keys.some((key) => key.n === n);
  }

  private problem(text: string): OperatorError {
    return new OperatorError(text, `npm run rotate -- ${this.context.environment.name} --all   # continues; docker logs --tail 50 ${this.container}`);
  }

  private get container(): string {
    return containerName(this.context.environment.name, "authelia");
  }
}
