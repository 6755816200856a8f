import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { CHANGES, type Terraform } from "../../clients/terraform/terraform";
import { KNOWN_HOSTS } from "../../environment/docker-access";
import { TERRAFORMS_LOCK } from "../../stack/bundle";
import { OperatorError } from "../../system/operator-error";
import { STACK_FILE, type Workspace } from "../workspace";
import { configurationOf, type Stack } from "./configuration";
import { readme } from "./readme";

/** What lies beside the JSON of a stack and is used by its plan. */
const BESIDE = ["assets", KNOWN_HOSTS, TERRAFORMS_LOCK] as const;
const IGNORED = ".terraform/\n*.tfstate\n*.tfstate.*\n*.tfvars\n";

/** Changes that an error lists; without a state there is one for each resource. */
const LISTED = 10;

/** @throws OperatorError when something is there that would be overwritten. */
export function requireEmptyFolder(folder: string): void {
  const remedy = "name a folder that does not exist yet, or an empty one";
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) throw new OperatorError(`${folder} is a file`, remedy);
  if (readdirSync(folder).length > 0) throw new OperatorError(`${folder} is not empty`, remedy);
}

/**
 * Writes the environment as plain Terraform configuration, and keeps it only if it describes exactly what runs: its plan with the same state
 * must have nothing to change. The folder is removed otherwise.
 *
 * @throws OperatorError with what would change.
 */
export async function eject(workspace: Pick<Workspace, "environment" | "directory">, terraform: Terraform, folder: string): Promise<void> {
  requireEmptyFolder(folder);
  // the first directory that was not there
  const made = mkdirSync(folder, { recursive: true });
  try {
    await requireNoChanges(writeConfiguration(workspace, terraform, folder), workspace.environment.name);
  } catch (error) {
    const written = made === undefined ? readdirSync(folder).map((name) => join(folder, name)) : [made];
    for (const path of written) rmSync(path, { recursive: true, force: true });
    throw error;
  }
}

/** Writes the folder; the program in it, ready to plan. */
export function writeConfiguration({ directory, environment }: Pick<Workspace, "environment" | "directory">, terraform: Terraform, folder: string): Terraform {
  terraform.init();
  mkdirSync(folder, { recursive: true });
  const stack: Stack = JSON.parse(readFileSync(join(directory, STACK_FILE), "utf8"));
  const files = configurationOf(withState(stack, directory, folder), terraform.providersSchema());
  for (const [path, text] of files) write(join(folder, path), text);
  write(join(folder, "README.md"), readme(environment.name, [...files.keys()]));
  write(join(folder, ".gitignore"), IGNORED);
  for (const name of BESIDE) if (existsSync(join(directory, name))) cpSync(join(directory, name), join(folder, name), { recursive: true });
  const ejected = terraform.in(folder);
  ejected.format();
  ejected.init();
  return ejected;
}

/** The stack with the path of a local state as it is seen from the folder. */
function withState(stack: Stack, directory: string, folder: string): Stack {
  const local = stack.terraform.backend?.local;
  if (local === undefined) return stack;
  // Terraform follows links
  const path = relative(realpathSync(folder), join(realpathSync(directory), String(local.path)));
  return { ...stack, terraform: { ...stack.terraform, backend: { local: { ...local, path } } } };
}

async function requireNoChanges(terraform: Terraform, environment: string): Promise<void> {
  const changes: string[] = [];
  const errors: string[] = [];
  const code = await terraform.planned(({ type, change, diagnostic }) => {
    if (type === "planned_change" && change) changes.push(`${change.action} ${change.resource.addr}`);
    if (diagnostic?.severity === "error") errors.push(`${diagnostic.summary}${diagnostic.detail === undefined ? "" : `: ${diagnostic.detail}`}`);
  });
  if (code === 0) return;
  const listed = list(code === CHANGES ? changes : errors);
  if (code === CHANGES) {
    throw new OperatorError(
      `the configuration would not leave everything as it is, so it was removed again:${listed === "" ? " an output differs" : listed}`,
      `npm run deploy -- ${environment}   # so that what runs is what the environment file says, then run the command again`,
    );
  }
  throw new OperatorError(`no plan could be made of the configuration, so it was removed again:${listed}`, "correct the cause, then run the command again");
}

function list(texts: readonly string[]): string {
  const more = texts.length > LISTED ? [`\n  … and ${texts.length - LISTED} more`] : [];
  return [...texts.slice(0, LISTED).map((text) => `\n  - ${text.trim().replaceAll("\n", "\n    ")}`), ...more].join("");
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
