import { assetText } from "../../../constructs/core/asset";
import { isHealthy } from "../../clients/docker/health";
import { containerName } from "../../stack/names";
import { OperatorError } from "../../system/operator-error";
import { WIKI_PHP, WIKI_STATUS } from "../wiki-commands";
import { type Method, type RotationContext, requireKnowsKept, waitUntilHealthy } from "./context";

/** The key of the wiki: it has the old one beside the new one until what it stores is encrypted with the new one. */
export class WikiKey implements Method {
  constructor(private readonly context: RotationContext) {}

  public check(): void {
    const { docker, environment } = this.context;
    if (!isHealthy(docker, this.container))
      throw new OperatorError(`${this.container} is not running, and what it stores can be re-encrypted only then`, `npm run deploy -- ${environment.name}`);
    requireKnowsKept(this.context, this.container, "/etc/bookstack/secrets.php");
  }

  public prepare(names: readonly string[]): void {
    this.context.store.keep(names);
  }

  public async activate(names: readonly string[]): Promise<void> {
    await waitUntilHealthy(this.context.docker, this.container);
    for (const name of names) this.run("encrypt", name);
  }

  public async verify(names: readonly string[]): Promise<void> {
    for (const name of names) this.run("check", name);
    this.context.docker.output(["exec", this.container, ...WIKI_STATUS]);
  }

  public async retire(names: readonly string[]): Promise<void> {
    // a request that began with the old key has ended since
    for (const name of names) this.run("encrypt", name);
    this.context.store.forget(names);
    for (const name of names) this.run("refused", name);
  }

  private run(step: string, name: string): void {
    const { docker, store } = this.context;
    const script = assetText("wiki/assets/rotate-key.php").replace(/^<\?php/, "");
    const args = ["exec", "--interactive", this.container, ...WIKI_PHP, "-r", script, "--", step];
    docker.output(args, store.read(`${name}.previous`));
  }

  private get container(): string {
    return containerName(this.context.environment.name, "bookstack");
  }
}
