import { assetText } from "../../../constructs/core/asset";
import type { BackupContainer } from "../backup/backup-container";
import { restoreAccount } from "../backup/restore-account";
import { RestoreContainer } from "../backup/restore-container";
import { readFacts, type SourceFacts } from "./facts";
import type { Placement } from "./layout";
import type { Readable } from "./pipeline";

/** Where a source is unpacked and loaded beside the data of the wiki, until it is a set that can be restored. */
export class Staging {
  private readonly worker: RestoreContainer;
  private readonly script = assetText("database/assets/import.sh");

  constructor(
    private readonly backup: BackupContainer,
    private readonly namespace: string,
  ) {
    this.worker = new RestoreContainer(backup.docker, namespace, backup.require());
  }

  public begin(): void {
    this.worker.start();
    this.step("begin", [], restoreAccount(this.backup.docker, this.namespace, "grant"));
  }

  public get freeBytes(): number {
    return Number(this.step("free"));
  }

  /** Loads a dump, or unpacks uploads below a path. */
  public async take(step: "dump" | "files", source: Readable, ...args: readonly string[]): Promise<void> {
    const { argv, variables } = this.backup.docker.invocation(this.worker.execArgs(this.script, step, ...args));
    await source.send(argv, variables);
  }

  public facts(): SourceFacts {
    return readFacts(this.step("facts"));
  }

  /** Makes the set; its name. */
  public seal(links: readonly { readonly id: string; readonly user: string }[], placements: readonly Placement[], key: string | undefined): string {
    this.step("link", [key === undefined ? "DROP" : "KEEP"], links.map(({ id, user }) => `${id}\t${user}\n`).join(""));
    for (const { from, volume, path } of placements) this.step("place", [from, volume, path]);
    if (key !== undefined) this.step("secret", [], key);
    const name = `${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}`;
    this.step("seal", [name]);
    return name;
  }

  /** Removes what `begin` created; with `data`, what was staged as well. */
  public end(data: boolean): void {
    try {
      if (data) this.step("forget");
    } finally {
      restoreAccount(this.backup.docker, this.namespace, "drop");
      this.worker.remove();
    }
  }

  private step(name: string, args: readonly string[] = [], input = ""): string {
    return this.worker.script(this.script, [name, ...args], input);
  }
}
