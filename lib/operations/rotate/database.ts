import { assetText } from "../../../constructs/core/asset";
import { isHealthy } from "../../clients/docker/health";
import { containerName } from "../../stack/names";
import { OperatorError } from "../../system/operator-error";
import { WIKI_STATUS } from "../wiki-commands";
import { requireIdleBackup } from "./backup-idle";
import { type Method, type RotationContext, restart, waitUntilHealthy } from "./context";

/** Accounts that log in from within the container only. */
const LOCAL = ["root", "health"];

/** Passwords of database accounts: MySQL accepts the old and the new one until every client has the new one, so that no connection fails. */
export class DatabaseAccounts implements Method {
  constructor(private readonly context: RotationContext) {}

  public check(names: readonly string[]): void {
    if (names.includes("mysql_backup_password")) requireIdleBackup(this.context);
    const { docker, environment } = this.context;
    if (isHealthy(docker, this.container)) return;
    throw new OperatorError(`${this.container} is not running, and its passwords can be changed only then`, `npm run deploy -- ${environment.name}`);
  }

  public prepare(names: readonly string[]): void {
    for (const name of names) this.accept(name, this.context.store.read(`${name}.next`));
  }

  public async activate(names: readonly string[]): Promise<void> {
    await waitUntilHealthy(this.context.docker, this.container);
    // a restart of the database meanwhile may have put the old password back
    for (const name of names) this.accept(name, this.context.store.read(name));
    if (names.includes("mysql_health_password")) this.run(["health"]);
    // the wiki and the backup read the file at each request and each run
    if (names.includes("mysql_exporter_password")) await restart(this.context, ["mysqld-exporter"]);
  }

  public async verify(names: readonly string[]): Promise<void> {
    const { docker, environment, store } = this.context;
    for (const name of names) this.expect(name, store.read(name), "accepted");
    if (names.some((name) => !LOCAL.includes(accountOf(name)))) docker.output(["exec", containerName(environment.name, "bookstack"), ...WIKI_STATUS]);
  }

  public async retire(names: readonly string[]): Promise<void> {
    for (const name of names) {
      this.run(["retire", accountOf(name), hostOf(name)]);
      this.expect(name, this.context.store.read(`${name}.previous`), "refused");
    }
  }

  private accept(name: string, password: string): void {
    this.run(["accept", accountOf(name), hostOf(name)], `${password}\n`);
  }

  private expect(name: string, password: string, wanted: "accepted" | "refused"): void {
    const result = this.run(["try", accountOf(name)], `${password}\n`).trim();
    if (result === wanted) return;
    const which = wanted === "accepted" ? "new" : "old";
    throw new OperatorError(`the ${which} ${name} is ${result} by the database`, `npm run rotate -- ${this.context.environment.name} ${name}   # continues`);
  }

  private run(args: readonly string[], input = ""): string {
    const script = assetText("database/assets/rotate-password.sh");
    return this.context.docker.output(["exec", "--interactive", this.container, "sh", "-c", script, "sh", ...args], input);
  }

  private get container(): string {
    return containerName(this.context.environment.name, "bookstack-db");
  }
}

function accountOf(name: string): string {
  return name.replace(/^mysql_(.*)_password$/, "$1");
}

function hostOf(name: string): string {
  return LOCAL.includes(accountOf(name)) ? "localhost" : "%";
}
