import { createHash } from "node:crypto";
import { LABEL } from "../../../constructs/docker/labels";
import { HclWriter, type Json, type JsonObject, listOf } from "./hcl";
import type { KeptFiles } from "./kept-files";
import { isLiteral, unescaped } from "./template";

/** Files of one configuration volume. */
export interface ConfigFiles {
  /** Directory below `files/`, named after the container that reads them. */
  readonly part: string;
  /** Their names, in the order of the hash. */
  readonly files: readonly string[];
  /** First twelve digits of their hash, as the plan has it. */
  readonly digits: string;
}

type Upload = { readonly file: string; readonly content: string; readonly permissions: string };

/** Whether a container carries files under the hash of their texts. */
export function carriesFiles(container: JsonObject): boolean {
  return typeof container.for_each === "string" && container.upload !== undefined;
}

/** Local values with the names of the files and with their hash. */
export function localsOf({ part }: ConfigFiles): { readonly names: string; readonly hash: string } {
  const local = part.replace(/\W/g, "_");
  return { names: `${local}_files`, hash: `${local}_hash` };
}

/**
 * Keeps the rendered files of a container that carries them, unless those of `known` are the same.
 *
 * HCL computes the same twelve digits from the files, so names and addresses stay, and a changed file replaces what reads it.
 */
export function configFiles(container: JsonObject, kept: KeptFiles, known: readonly ConfigFiles[] = []): ConfigFiles {
  const digits = /^\$\{toset\(\["([0-9a-f]{12})"\]\)\}$/.exec(String(container.for_each))?.[1] ?? "";
  const same = known.find((one) => one.digits === digits);
  if (same) return same;
  const part = partOf(container, digits);
  const uploads = uploadsIn(container);
  const sum = createHash("sha256");
  for (const { file, content } of uploads) {
    if (!isLiteral(content)) throw new Error(`${container.name}: ${file} holds an expression`);
    sum.update(`${nameOf(file)}\0${unescaped(content)}\0`);
    kept.add(`${part}/${nameOf(file)}`, unescaped(content));
  }
  if (sum.digest("hex").slice(0, digits.length) !== digits || digits === "") throw new Error(`${container.name}: its files have another hash`);
  return { part, digits, files: uploads.map(({ file }) => nameOf(file)) };
}

/** Name of the container that reads the files, without the environment's. */
function partOf({ name, labels }: JsonObject, digits: string): string {
  const namespace = (listOf(labels ?? []) as readonly { label: string; value: string }[]).find(({ label }) => label === LABEL.namespace)?.value;
  return String(name)
    .replace(new RegExp(`-config-${digits}$`), "")
    .replace(`${namespace}-`, "");
}

function uploadsIn({ upload }: JsonObject): readonly Upload[] {
  return listOf(upload ?? []) as unknown as readonly Upload[];
}

function nameOf(file: string): string {
  return file.replace(/^\/config\//, "");
}

/** The local values that compute the hash of `files`. */
export function hashExpression(files: ConfigFiles): string {
  const { names, hash } = localsOf(files);
  const text = `"\${name}\\u0000\${file("\${path.module}/files/${files.part}/\${name}")}\\u0000"`;
  return [
    `# Files of ${files.part}, in the order of their hash. A changed file replaces the volume and restarts what reads it.`,
    `${names} = ${new HclWriter().value(files.files as Json)}`,
    `${hash} = substr(sha256(join("", [for name in local.${names} : ${text}])), 0, 12)`,
  ].join("\n");
}

/** The block in place of the uploads of `container`. */
export function uploadsOf(container: JsonObject, files: ConfigFiles): string {
  const modes = [...new Set(uploadsIn(container).map(({ permissions }) => permissions))];
  if (modes.length !== 1) throw new Error(`${container.name}: its files have several modes`);
  const file = `"\${path.module}/files/${files.part}/\${upload.value}"`;
  return `dynamic "upload" {\nfor_each = local.${localsOf(files).names}\ncontent {\nfile = "/config/\${upload.value}"\ncontent = file(${file})\npermissions = "${modes[0]}"\n}\n}`;
}
