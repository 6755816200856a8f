import { loadEnvironment } from "../../environment/load";
import { BackupContainer } from "../../operations/backup/backup-container";
import { recoverHalfRestored } from "../../operations/backup/restore-record";
import { MoveIn, type Source } from "../../operations/movein/move-in";
import { appKey, containerIn, placeOf, SourcePath } from "../../operations/movein/source";
import { DatabaseContainer, wikiContainer } from "../../operations/movein/source-container";
import { OperatorError } from "../../system/operator-error";
import { type Arguments, type Command, usageOf } from "../command";
import { confirmed } from "../output/confirm";
import { say } from "../output/say";

export const command: Command = {
  group: "run",
  oneHost: true,
  summary: "replace the wiki by an existing BookStack: its dump, uploads and APP_KEY",
  details: "The source is only read. It is checked, then a backup set of the wiki is made. If a later step fails, the previous data are put back.",
  options: {
    dump: { description: "dump by mysqldump or mariadb-dump, also compressed; or container:<name> of the database", value: "file" },
    uploads: { description: "directory or tar archive of the uploads", value: "path" },
    "app-key-file": { description: "file with the APP_KEY of the source, or its .env", value: "file" },
    "without-app-key": { description: "import without APP_KEY; second factors are removed" },
    "old-url": { description: "address of the source (default: that of its pictures)", value: "url" },
    from: { description: "where the files are: ssh://<user>@<host>, or container:<name> of BookStack", value: "place" },
    "dry-run": { description: "check the source and change nothing" },
    yes: { description: "do not ask for confirmation" },
  },
  changes: "data",
  run,
};

async function run({ environment: name, directory, flags, values }: Arguments): Promise<number> {
  const environment = loadEnvironment(name, directory);
  const source = sourceOf(values, flags.has("without-app-key"));
  const backup = new BackupContainer(environment);
  recoverHalfRestored(name, backup);
  backup.require();
  // an interrupt ends the step, and what was there before is put back; it does not end this program
  process.on("SIGINT", () => undefined);
  const dryRun = flags.has("dry-run");
  await new MoveIn(environment, backup, source, say).run(async () => {
    if (dryRun) return false;
    if (flags.has("yes") || (await confirmed(`Replace the wiki of ${name} by this source?`))) return true;
    throw new OperatorError("nothing was imported", "give --yes, which does not ask");
  });
  say(dryRun ? "No problem was found. The wiki is unchanged." : `\nThe source is imported into ${name}.`);
  return 0;
}

/** @throws OperatorError with every problem of the options. */
function sourceOf(values: Arguments["values"], withoutKey: boolean): Source {
  const place = placeOf(values.get("from"));
  const files = place.kind === "container" ? ({ kind: "here" } as const) : place;
  const dumpFile = values.get("dump");
  if (dumpFile === undefined) throw new OperatorError("--dump is missing", usageOf("import", command));
  const at = (option: string, path: string) => new SourcePath(files, path, `--${option}`);
  const database = containerIn(dumpFile);
  const dump = database === undefined ? at("dump", dumpFile) : new DatabaseContainer(database, "--dump");
  const uploads = values.get("uploads");
  const keyFile = values.get("app-key-file");
  const given = [dump, ...(uploads === undefined ? [] : [at("uploads", uploads)]), ...(keyFile === undefined ? [] : [at("app-key-file", keyFile)])];
  const problems = given.flatMap((path) => path.problems());
  if (problems.length > 0) throw OperatorError.joined(problems);
  const container = place.kind === "container" ? wikiContainer(place.name) : undefined;
  const key = keyFile === undefined ? container?.key : appKey(at("app-key-file", keyFile).text());
  if (keyFile !== undefined && key === undefined) {
    throw new OperatorError(`--app-key-file ${keyFile} has no APP_KEY`, "it must contain APP_KEY=base64:… as the .env of the source does");
  }
  const [first] = given.slice(1);
  return {
    dump,
    uploads: uploads !== undefined && first !== undefined ? [[first, "."]] : (container?.uploads ?? []),
    key: withoutKey ? undefined : key,
    withoutKey,
    address: values.get("old-url"),
  };
}
