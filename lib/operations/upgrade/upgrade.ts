import { plannedContainers } from "../../../constructs/policy/check";
import { halt } from "../../clients/docker/halt";
import { CHANGES, collecting, type EventListener } from "../../clients/terraform/terraform";
import { containerName } from "../../stack/names";
import type { WikiStack } from "../../stack/wiki-stack";
import { OperatorError } from "../../system/operator-error";
import { BackupContainer } from "../backup/backup-container";
import { readSets } from "../backup/sets";
import { rememberApplied } from "../deploy/applied-stack";
import { apply } from "../deploy/apply";
import { keepBuiltImages } from "../deploy/built-images";
import { requireFitEngine } from "../deploy/fit-engine";
import { requireIpv6 } from "../deploy/ipv6-engine";
import { removeUnrecorded } from "../deploy/unfinished-deploy";
import { requireProvidedSecrets } from "../secrets/secret-store";
import type { Tools } from "../tools";
import type { Workspace } from "../workspace";
import { askImage, fetchImages, type ImageChange, imageChanges, keepImages, runningImages } from "./images";
import { prove, requireImages } from "./proof";
import { putBack } from "./put-back";
import type { UpgradeJournal, UpgradeRecord } from "./record";
import { databaseProblem, downgrades, elsewhereProblems, migrationProblem, planProblems, serverVersion, unknownVersion, type Version } from "./refusals";
import { servicesOf, startStopped } from "./services";
import { convertedVolumes, VolumeCopies } from "./volume-copies";
import { Wiki } from "./wiki";

/** What an upgrade shows before it changes anything. */
export interface UpgradePreview {
  /** Address → action of the plan; nothing when nothing changes. */
  readonly planned: ReadonlyMap<string, string>;
  readonly changes: readonly ImageChange[];
  /** Versions of the database, before and after. @default - it is on another server */
  readonly database?: readonly string[];
  readonly migrations: readonly string[];
  readonly volumes: readonly string[];
}

export interface UpgradeProps {
  readonly workspace: Workspace;
  readonly tools: Tools;
  readonly listen: EventListener;
  readonly say: (line: string) => void;
  /** Why Terraform failed, line by line. */
  readonly failure: () => readonly string[];
}

/** Replaces what runs by what the environment file and this release want, or puts it back whole. */
export class Upgrade {
  private readonly wiki: Wiki;

  constructor(private readonly props: UpgradeProps) {
    const { workspace, tools } = props;
    this.wiki = new Wiki(tools.docker, workspace.environment, workspace.stack.urls);
  }

  /**
   * Checks what can be checked while everything runs; images are pulled and built.
   *
   * @throws OperatorError with everything that makes the upgrade impossible; nothing has been changed then.
   */
  public async check(): Promise<{ readonly preview: UpgradePreview; readonly record: UpgradeRecord }> {
    const { workspace, tools, say } = this.props;
    const { docker, terraform } = tools;
    const { environment, stack, directory } = workspace;
    const { name } = environment;
    await requireFitEngine(environment, docker);
    requireIpv6(environment, docker);
    requireProvidedSecrets(stack, environment);
    const planned = await this.plan();
    fetchImages(directory, docker, say);
    say("Tests the wiki before the upgrade …");
    this.wiki.smokeTest();
    const unreachable = await this.wiki.signInPage().then(
      () => undefined,
      (error: Error) => error.message,
    );
    const before = runningImages(stack, docker, terraform.state());
    const changes = imageChanges(stack, docker, before);
    const facts = this.wiki.facts();
    const [bookstack = "", mysql] = [plannedImage(stack, "bookstack"), plannedImage(stack, "bookstack-db")];
    const known = this.wiki.migrationsOf(bookstack);
    const migrations = known.filter((migration) => !facts.migrations.includes(migration)).sort();
    // none when the database is on another server
    const database = mysql === undefined ? undefined : this.databaseVersions(mysql);
    const problems = [
      ...planProblems(workspace, planned),
      ...(mysql === undefined ? elsewhereProblems(name, migrations) : [database === undefined ? unknownVersion(mysql) : databaseProblem(...database)]),
      migrationProblem(facts.migrations, known, bookstack),
      ...downgrades(changes),
    ].filter((problem) => problem !== undefined);
    if (problems.length > 0) throw OperatorError.joined(problems);
    const volumes = convertedVolumes(name, changes, migrations).filter(({ container }) => before[container] !== undefined);
    this.copies(before, volumes).requireSpace(migrations.length > 0 ? facts.bytes : 0);
    const preview = {
      planned,
      changes,
      database: database?.map((version) => version.join(".")),
      migrations,
      volumes: volumes.map(({ volume }) => volume),
    };
    const record: UpgradeRecord = {
      format: 1,
      environment: name,
      process: process.pid,
      step: "checked",
      history: [{ step: "checked", at: new Date().toISOString() }],
      before,
      changes,
      migrations,
      volumes,
      unreachable,
      result: [],
    };
    return { preview, record };
  }

  /** Makes the backup set, without which nothing is changed; its name. */
  public backup(): string {
    const backup = new BackupContainer(this.props.workspace.environment);
    backup.run("backup.sh");
    const set = readSets(backup.quietly("list.sh", "local")).sets.at(-1);
    if (set === undefined) throw new OperatorError("the backup has no set; nothing was changed", `npm run backups -- ${this.props.workspace.environment.name}`);
    return set.name;
  }

  /**
   * Applies, tests, and puts everything back if one of them fails. An interrupted upgrade goes on where it was; if people could write
   * meanwhile, it is not put back without being asked for.
   *
   * @returns whether the upgrade succeeded; otherwise the previous release runs.
   * @throws OperatorError when the previous release could not be put back either.
   */
  public async run(journal: UpgradeJournal): Promise<boolean> {
    const { workspace, tools } = this.props;
    const { docker } = tools;
    const { record } = journal;
    const { name } = workspace.environment;
    const copies = this.copies(record.before, record.volumes);
    const writtenSince = record.copiedAt !== undefined && docker.inspect(this.wiki.container)?.State.Running === true;
    try {
      keepImages(docker, name, record.changes);
      journal.step("applying", { process: process.pid });
      if (record.copiedAt === undefined) await copies.startStopped();
      await this.apply(journal, copies);
      journal.step("testing");
      requireImages(docker, Object.fromEntries(record.changes.map(({ container, to }) => [container, to])));
      const result = await prove(this.wiki, record);
      rememberApplied(workspace);
      journal.step("done", { result });
    } catch (error) {
      if (writtenSince) throw notPutBack(name, record, error as Error);
      this.props.say(`The upgrade failed: ${(error as Error).message}`);
      await putBack({ ...this.props, journal }, (error as Error).message);
      return false;
    }
    copies.remove();
    return true;
  }

  private async apply(journal: UpgradeJournal, copies: VolumeCopies): Promise<void> {
    const { workspace, tools, listen, failure } = this.props;
    const { docker, terraform } = tools;
    const state = terraform.state();
    removeUnrecorded(workspace, docker, state);
    keepBuiltImages(workspace.directory, docker, state);
    const code = await apply(workspace, tools, state, listen, async () => {
      const { copiedAt, volumes } = journal.record;
      if (copiedAt !== undefined || volumes.length === 0) return;
      this.props.say(`  copies ${volumes.map(({ volume }) => volume).join(", ")} …`);
      // what people write after the copy would be lost if it is put back
      if (docker.inspect(this.wiki.container)?.State.Running) halt(docker, this.wiki.container);
      await copies.take();
      journal.write({ copiedAt: new Date().toISOString() });
    });
    if (code !== 0) throw new OperatorError("not everything could be deployed", failure().join("\n"));
    await startStopped(docker, servicesOf(workspace.stack));
  }

  private copies(before: UpgradeRecord["before"], volumes: UpgradeRecord["volumes"]): VolumeCopies {
    const { workspace, tools } = this.props;
    const { name } = workspace.environment;
    return VolumeCopies.with(before, tools.docker, name, volumes);
  }

  /** Versions of the running database and of its new image; nothing when one of them does not say its version. */
  private databaseVersions(image: string): readonly [Version, Version] | undefined {
    const { workspace, tools } = this.props;
    const from = serverVersion(tools.docker.output(["exec", containerName(workspace.environment.name, "bookstack-db"), "mysqld", "--version"]));
    const to = serverVersion(askImage(tools.docker, image, "mysqld", "--version").join("\n"));
    return from === undefined || to === undefined ? undefined : [from, to];
  }

  private async plan(): Promise<ReadonlyMap<string, string>> {
    const { tools, listen, failure } = this.props;
    const planned = new Map<string, string>();
    const code = await tools.terraform.planned(collecting(planned, listen));
    if (code !== 0 && code !== CHANGES) throw new OperatorError("no plan could be made; nothing was changed", failure().join("\n"));
    return planned;
  }
}

function notPutBack(name: string, { copiedAt }: UpgradeRecord, { message }: Error): OperatorError {
  return new OperatorError(
    `the upgrade failed again: ${message}\nit was not put back, because users may have written since ${copiedAt}, and that would be lost`,
    [
      `npm run upgrade -- ${name} --resume   # continue, after the cause is fixed`,
      `npm run upgrade -- ${name} --back     # lose it, and put the previous release back`,
    ].join("\n"),
  );
}

function plannedImage(stack: WikiStack, service: string): string | undefined {
  return plannedContainers(stack).find((container) => container.service === service)?.image;
}

/**
 * Checks that an interrupted upgrade still wants the images that it wanted then.
 *
 * @throws OperatorError when the environment file, the release or an image was changed since.
 */
export function requireSameTarget({ stack, environment: { name } }: Workspace, docker: Tools["docker"], { changes }: UpgradeRecord): void {
  const planned = new Map(plannedContainers(stack).map(({ name: container, image }) => [container, image]));
  const other = changes.filter(({ container, to }) => planned.get(container) !== to.name || docker.imageId(to.name) !== to.id);
  if (other.length === 0) return;
  throw new OperatorError(
    `the upgrade that was interrupted wanted ${other.map(({ container, to }) => `${to.name} for ${container}`).join(", ")}, and now it is another image`,
    `npm run upgrade -- ${name} --back   # put the previous release back; then upgrade again`,
  );
}
