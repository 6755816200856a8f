import { containerName } from "../../stack/names";
import { OperatorError } from "../../system/operator-error";
import { waitFor } from "../../system/wait";
import { type Method, type RotationContext, restart } from "./context";

/** Seconds within which a bouncer asks for decisions with its new key; it asks every ten seconds. */
const PULL_SECONDS = 40;

/** Keys with which bouncers ask CrowdSec for decisions. Between both restarts they keep the decisions that they have. */
export class BouncerKeys implements Method {
  private activated = 0;

  constructor(private readonly context: RotationContext) {}

  public check(): void {
    const { docker, environment } = this.context;
    if (docker.inspect(this.container)?.State.Running === true) return;
    throw new OperatorError(`${this.container} does not run`, `npm run deploy -- ${environment.name}`);
  }

  public async activate(names: readonly string[]): Promise<void> {
    const { store } = this.context;
    // at its start it registers the keys that it finds, and forgets those that it had
    await restart(this.context, ["crowdsec"]);
    this.activated = Date.now();
    for (const name of names) if (name === "bouncer_key_traefik") await restart(this.context, ["traefik"]);
    store.restartUnits(names);
  }

  public async verify(names: readonly string[]): Promise<void> {
    for (const name of names) {
      // so does CrowdSec call it
      const bouncer = name.replace(/^bouncer_/, "");
      await waitFor(
        () => this.hasAsked(bouncer),
        PULL_SECONDS,
        this.problem(`the bouncer ${bouncer} has not asked for decisions with its new key for ${PULL_SECONDS} s`),
      );
    }
  }

  public async retire(names: readonly string[]): Promise<void> {
    const { store } = this.context;
    for (const name of names) if (this.status(store.read(`${name}.previous`)) !== "403") throw this.problem(`CrowdSec does not refuse the old ${name}`);
  }

  /** Status of CrowdSec's answer to the key, which curl reads from its input. */
  private status(key: string): string {
    const { docker, environment } = this.context;
    const lines = [
      'url = "http://crowdsec:8080/v1/decisions?ip=192.0.2.1"',
      `header = "X-Api-Key: ${key}"`,
      "silent",
      'output = "/dev/null"',
      'write-out = "%{http_code}"',
    ];
    return docker.output(["exec", "--interactive", containerName(environment.name, "bookstack"), "curl", "-m", "20", "--config", "-"], lines.join("\n"));
  }

  private hasAsked(bouncer: string): boolean {
    const { docker } = this.context;
    const listed = JSON.parse(docker.output(["exec", this.container, "cscli", "bouncers", "list", "-o", "json"])) as {
      name: string;
      last_pull: string | null;
    }[];
    return listed.some(({ name, last_pull }) => name === bouncer && last_pull !== null && Date.parse(last_pull) >= this.activated);
  }

  private problem(text: string): OperatorError {
    return new OperatorError(text, `npm run rotate -- ${this.context.environment.name} --all   # continues; docker logs --tail 50 ${this.container}`);
  }

  private get container(): string {
    return containerName(this.context.environment.name, "crowdsec");
  }
}
