import { closeSync, existsSync, openSync } from "node:fs";
import { basename } from "node:path";
import { BACKUPS_DIRECTORY } from "../../../constructs/backup/backup-config";
import { loadEnvironment } from "../../environment/load";
import { BackupContainer } from "../../operations/backup/backup-container";
import { Restore } from "../../operations/backup/restore";
import { recoverHalfRestored } from "../../operations/backup/restore-record";
import { SET_NAME } from "../../operations/backup/sets";
import { WikiReplicas } from "../../operations/backup/wiki-replicas";
import { requireTools } from "../../operations/tools";
import { synthesize } from "../../operations/workspace";
import { secondsSince } from "../../system/elapsed";
import { OperatorError } from "../../system/operator-error";
import { type Arguments, type Command, usageOf } from "../command";
import { confirmed } from "../output/confirm";
import { Progress } from "../output/progress";
import { say } from "../output/say";

const ENDING = ".tar.gpg";

export const command: Command = {
  group: "run",
  summary: "restore a backup set: its name, a file, or the latest",
  details: "The set is decrypted and compared with its manifest before anything is changed. If a later step fails, the previous data are put back.",
  positionals: [{ name: "set|file|latest", optional: true }],
  options: {
    from: { description: "fetch the set from this remote", value: "remote" },
    without: {
      description:
        "leave out parts of a damaged set, with commas between them: database, secrets, uploads, …; their current data stay. none accepts a set whose encryption is damaged, but no part of it",
      value: "parts",
    },
    yes: { description: "do not ask for confirmation" },
  },
  changes: "data",
  run,
};

async function run({ environment, directory, positionals, flags, values }: Arguments): Promise<number> {
  const set = positionals.get("set|file|latest") ?? "latest";
  const loaded = loadEnvironment(environment, directory);
  if (set !== "latest" && !isFile(set) && !SET_NAME.test(set)) {
    throw new OperatorError(`"${set}" is not a backup set; their names look like 20260131T020000Z`, `npm run backups -- ${environment}   # lists them`);
  }
  const container = new BackupContainer(loaded);
  recoverHalfRestored(environment, container);
  container.require();
  const remote = values.get("from");
  const without = requireParts(values.get("without"));
  const wanted = isFile(set) ? upload(set, container) : set;
  say(`Opens ${wanted}${remote === undefined ? "" : ` of ${remote}`}, and compares it with its manifest …`);
  const began = Date.now();
  const opened = container.read("open.sh", wanted, remote ?? "", without).trim();
  if (
    !flags.has("yes") &&
    !(await confirmed(`Restore the wiki of ${environment} from ${opened}${without === "" ? "" : `, without ${without}`}? Later changes are lost.`))
  ) {
    throw new OperatorError("nothing was restored", `npm run restore -- ${environment} --yes   # does not ask`);
  }
  const restore = new Restore(loaded, container, say, loaded.cluster && replicasOf({ environment, directory }));
  // an interrupt ends the step, and what was there before is put back; it does not end this program
  process.on("SIGINT", () => undefined);
  const down = await restore.run(opened);
  say(`\n${environment} is restored from ${opened}. It took ${secondsSince(began)} s; the wiki was down for ${down} s.`);
  return 0;
}

/** What stops and starts the wiki of a cluster, through Terraform. */
function replicasOf(file: Pick<Arguments, "environment" | "directory">): WikiReplicas {
  const workspace = synthesize(file);
  const tools = requireTools(workspace);
  tools.terraform.init();
  const progress = new Progress(workspace.stack);
  return new WikiReplicas(workspace, tools, (event) => progress.listen(event));
}

/** Names of parts with commas between them; an empty text when nothing is left out. */
function requireParts(parts = ""): string {
  if (parts === "" || /^[a-z][a-z0-9-]*(,[a-z][a-z0-9-]*)*$/.test(parts)) return parts;
  throw new OperatorError(`--without must be parts with commas between them, got "${parts}"`, "such as --without uploads,uploads-public");
}

function isFile(arg: string): boolean {
  return arg.includes("/") || arg.endsWith(ENDING);
}

/** Copies a set of this machine to the others, and gives its name. */
function upload(file: string, { docker, name }: BackupContainer): string {
  const set = basename(file, ENDING);
  if (!existsSync(file) || !SET_NAME.test(set)) {
    throw new OperatorError(`${file} does not exist or is not a backup set; names look like 20260131T020000Z${ENDING}`, usageOf("restore", command));
  }
  const descriptor = openSync(file, "r");
  try {
    const target = `${BACKUPS_DIRECTORY}/${set}${ENDING}`;
    const script = `umask 077; cat > ${target}.uploaded && mv ${target}.uploaded ${target}`;
    docker.patiently(["exec", "--interactive", name, "sh", "-c", script], { input: descriptor });
  } finally {
    closeSync(descriptor);
  }
  return set;
}
