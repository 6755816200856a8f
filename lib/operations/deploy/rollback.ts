import type { Docker } from "../../clients/docker/docker";
import { ENVIRONMENTS } from "../../environment/load";
import { imagesFor } from "../../stack/images";
import { containerName } from "../../stack/names";
import { BackupContainer } from "../backup/backup-container";
import { type BackupSet, readSets } from "../backup/sets";
import type { Workspace } from "../workspace";

/** What a failed deploy says about the wiki: whether it runs, from which image, and how to keep it or return to it. */
export class Rollback {
  private readonly container: string;
  /** Id of the image of the wiki before the deploy; nothing when there was no wiki. */
  private readonly before: string | undefined;

  constructor(
    private readonly workspace: Workspace,
    private readonly docker: Docker,
  ) {
    this.container = containerName(workspace.environment.name, "bookstack");
    this.before = docker.inspect(this.container)?.Image;
  }

  /** Lines for a person; none when there was no wiki before. */
  public describe(): string[] {
    const { name } = this.workspace.environment;
    if (this.before === undefined) return [];
    try {
      this.docker.require();
    } catch {
      return [`${this.container}: unknown; the Docker host does not answer`, ""];
    }
    const { Image: image, State: state } = this.docker.inspect(this.container) ?? {};
    const health = state?.Running ? (state.Health?.Status ?? "running") : "not running";
    return [
      `${this.container}: ${health}${image === undefined ? "" : `, from ${this.nameOf(image)}`}`,
      ...this.versions(this.before, health === "healthy" && image === this.before),
      ...lastSet(this.sets(), name),
      "",
    ];
  }

  /** How to keep the version of before, or to return to it; nothing when the deploy changes none. */
  private versions(before: string, runs: boolean): string[] {
    const { name, database, images } = this.workspace.environment;
    const wanted = imagesFor(database.version, images).bookstack.reference;
    if (this.docker.imageId(wanted) === before) return [];
    const steps = `set images.bookstack to ${this.nameOf(before)} in ${ENVIRONMENTS}/${name}.yaml, then npm run deploy -- ${name}`;
    if (runs) return [`To stay with that version instead of ${wanted}: ${steps}`];
    return [`To return to the version of before: ${steps}; if that says that the database is newer, restore a set, then deploy again`];
  }

  private nameOf(image: string): string {
    return this.docker.imageName(image) ?? image;
  }

  private sets(): readonly BackupSet[] | undefined {
    try {
      return readSets(new BackupContainer(this.workspace.environment).quietly("list.sh", "local")).sets;
    } catch {
      return undefined;
    }
  }
}

function lastSet(sets: readonly BackupSet[] | undefined, environment: string): string[] {
  if (sets === undefined) return [`Backup sets: unknown; ${environment}-backup does not answer`];
  const last = sets.at(-1);
  if (last === undefined) return ["Backup sets: none on the Docker host"];
  return [`Last backup set: ${last.name}, made ${last.made}; to return the data to it: npm run restore -- ${environment} ${last.name}`];
}
