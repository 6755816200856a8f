import type { Environment } from "../../environment/schema";
import { OperatorError } from "../../system/operator-error";
import type { BackupContainer } from "../backup/backup-container";
import { Restore } from "../backup/restore";
import type { SourceFacts } from "./facts";
import { type Layout, recognizeLayout } from "./layout";
import type { Readable } from "./pipeline";
import { type Given, type Matches, matchAccounts, missingFiles, shown, sourceProblems } from "./source-checks";
import { Staging } from "./staging";
import { rewriteAddress, targetFacts, wikiAddress } from "./target";

/** An installation to import, as the options name it. */
export interface Source {
  readonly dump: Readable;
  /** Each with the path below which it is unpacked. */
  readonly uploads: readonly (readonly [source: Readable, below: string])[];
  readonly key: string | undefined;
  readonly withoutKey: boolean;
  /** Its address. @default - that of its pictures */
  readonly address: string | undefined;
}

/** Space that staging needs, as a multiple of the size of the source: unpacked, placed, and packed as a set. */
const SPACE = 4;

/** Makes a backup set of an existing installation, and restores it into a wiki. */
export class MoveIn {
  private readonly staging: Staging;

  constructor(
    private readonly environment: Environment,
    private readonly backup: BackupContainer,
    private readonly source: Source,
    private readonly say: (line: string) => void,
  ) {
    this.staging = new Staging(backup, environment.name);
  }

  /** Stages and checks the source; `agreed` decides whether the wiki is replaced by it. */
  public async run(agreed: () => Promise<boolean>): Promise<void> {
    const { backup, environment, say } = this;
    const target = targetFacts(environment, backup.docker);
    let sealed: string | undefined;
    let address: string | undefined;
    this.staging.begin();
    try {
      await this.stage();
      const facts = this.staging.facts();
      const layout = recognizeLayout(facts.directories);
      const problems = sourceProblems(facts, target, this.given(layout));
      if (problems.length > 0) throw OperatorError.joined(problems);
      const matches = matchAccounts(facts.accounts, target.users);
      address = this.source.address ?? facts.address;
      this.describe(facts, layout, matches, address, target.migrations.length);
      if (!(await agreed())) return;
      say("Makes a backup set of the wiki as it is …");
      backup.run("backup.sh");
      const links = matches.linked.map(({ account: { id }, user }) => ({ id, user }));
      sealed = this.staging.seal(links, layout?.placements ?? [], this.source.key);
    } finally {
      this.staging.end(sealed === undefined);
    }
    const after = wikiAddress(environment, backup.docker);
    await new Restore(environment, backup, say).run(sealed, () => {
      if (address === undefined || address === after) return;
      say(`Replaces ${address} by ${after} …`);
      rewriteAddress(backup.docker, environment.name, address, after);
    });
  }

  private async stage(): Promise<void> {
    const { dump, uploads } = this.source;
    const sizes = [dump, ...uploads.map(([path]) => path)].map((path) => path.bytes());
    const bytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
    const free = this.staging.freeBytes;
    if (bytes * SPACE > free) {
      throw new OperatorError(`the Docker host has ${megabytes(free)} free, and the import needs about ${megabytes(bytes * SPACE)}`, "free or add disk space");
    }
    this.say(`Loads ${dump.path} beside the wiki …`);
    await this.staging.take("dump", dump);
    for (const [path, below] of uploads) {
      this.say(`Copies ${path.path} …`);
      await this.staging.take("files", path, below);
    }
  }

  private given(layout: Layout | undefined): Given {
    const { dump, uploads, key, withoutKey, address } = this.source;
    return { dump: dump.path, uploads: uploads[0]?.[0].path, key: key !== undefined, withoutKey, address, layout };
  }

  private describe(facts: SourceFacts, layout: Layout | undefined, { linked, unlinked, absent }: Matches, address: string | undefined, known: number): void {
    const missing = missingFiles(facts, layout);
    const lines = [
      "",
      `Schema: ${facts.migrations.length} migrations, ${known - facts.migrations.length} more are run`,
      `Uploads: ${facts.present.length} files${layout === undefined ? "" : `, layout ${layout.name}`}`,
      ...(missing.length > 0 ? [`  ${missing.length} files that the database names are missing at the source: ${shown(missing)}`] : []),
      `Second factors: ${facts.secondFactors}${facts.secondFactors > 0 ? (this.source.key === undefined ? ", removed" : ", kept") : ""}`,
      `Address of the source: ${address ?? "unknown; links stay as they are (--old-url <url> replaces them)"}`,
      "Accounts:",
      ...linked.map(({ account, user }) => `  ${account.email} (${account.name}) belongs to ${user}`),
      ...unlinked.map(({ email, name }) => `  ${email} (${name}) belongs to nobody in users; it keeps its content and roles`),
      ...absent.map((name) => `  ${name} has no account yet; it is created at the first sign-in`),
      "",
    ];
    for (const line of lines) this.say(line);
  }
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
