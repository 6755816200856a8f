import { CONFIG_DIRECTORY } from "../../../constructs/backup/backup-config";
import { SECRETS_DIRECTORY } from "../../../constructs/contracts/secret-store";
import { assetText } from "../../../constructs/core/asset";
import { containerName } from "../../stack/names";
import { OperatorError } from "../../system/operator-error";
import { requireIdleBackup } from "./backup-idle";
import { type Method, type RotationContext, requireKnowsKept } from "./context";

const PASSPHRASE = "backup_passphrase";
const RESTIC_PASSWORD = "backup_restic_password";

/** Secrets of backups: older sets stay readable with the passphrase that is kept, and repositories get another password. */
export class BackupSecrets implements Method {
  constructor(private readonly context: RotationContext) {}

  public check(): void {
    const { docker, environment } = this.context;
    if (docker.inspect(this.container)?.State.Running !== true)
      throw new OperatorError(`${this.container} does not run`, `npm run deploy -- ${environment.name}`);
    requireKnowsKept(this.context, this.container, `${CONFIG_DIRECTORY}/lib.sh`);
    requireIdleBackup(this.context);
  }

  public prepare(names: readonly string[]): void {
    const { store } = this.context;
    if (names.includes(PASSPHRASE)) store.keep([PASSPHRASE]);
    if (names.includes(RESTIC_PASSWORD)) this.restic("add", store.read(`${RESTIC_PASSWORD}.next`));
  }

  /** Each run reads the files. */
  public async activate(): Promise<void> {}

  public async verify(names: readonly string[]): Promise<void> {
    const { docker, environment } = this.context;
    const kept = ["sh", "-c", `ls ${SECRETS_DIRECTORY}/${PASSPHRASE}.kept.*`];
    if (names.includes(PASSPHRASE) && docker.attempt(["exec", this.container, ...kept]).status !== 0)
      throw new OperatorError(`${this.container} does not have the old ${PASSPHRASE}`, `npm run rotate -- ${environment.name} ${PASSPHRASE}   # continues`);
    if (names.includes(RESTIC_PASSWORD)) this.restic("check", "");
  }

  public async retire(names: readonly string[]): Promise<void> {
    const { store, say, environment } = this.context;
    if (names.includes(RESTIC_PASSWORD)) this.restic("remove", store.read(`${RESTIC_PASSWORD}.previous`));
    if (names.includes(PASSPHRASE)) say("older sets stay readable: the store keeps their passphrase; keep your copy of it, too");
    say(`store the new secrets of backups away from the Docker host: npm run credentials -- ${environment.name}`);
  }

  private restic(step: string, other: string): void {
    const script = assetText("backup/assets/rotate-restic.sh");
    this.context.docker.patiently(["exec", "--interactive", this.container, "sh", "-c", script, "sh", step], { input: other });
  }

  private get container(): string {
    return containerName(this.context.environment.name, "backup");
  }
}
