import { createHash } from "node:crypto";
import { HclWriter, type Json, type JsonObject, listOf } from "./hcl";
import { isLiteral, unescaped } from "./template";

/** Files of one configuration volume. */
export interface ConfigFiles {
  /** Directory below `files/`, named after the container that reads them. */
  readonly part: string;
  /** Local value with their names, in the order of the hash. */
  readonly names: string;
  /** Local value with their hash, which is in the names of volume and container. */
  readonly hash: string;
  /** Mode of each of them, such as `0444`. */
  readonly permissions: string;
}

/** Text files beside the HCL: path below `files/` → text. */
export class KeptFiles {
  public readonly texts = new Map<string, string>();

  /** Keeps a text; the expression that reads it. */
  public add(path: string, text: string): string {
    if ((this.texts.get(path) ?? text) !== text) throw new Error(`two texts for ${path}`);
    this.texts.set(path, text);
    return `file("\${path.module}/files/${path}")`;
  }
}

/**
 * Takes the rendered files out of a container that carries them, when their hash is the one in its `for_each`.
 *
 * HCL computes the same twelve digits from the files, so names and addresses stay, and a changed file replaces what reads it.
 */
export function configFiles(container: JsonObject, kept: KeptFiles): ConfigFiles & { readonly digits: string } {
  const digits = /^\$\{toset\(\["([0-9a-f]{12})"\]\)\}$/.exec(String(container.for_each))?.[1] ?? "";
  const part = String(container.name)
    .replace(new RegExp(`-config-${digits}$`), "")
    .replace(/^[^-]+-/, "");
  const uploads = listOf(container.upload ?? []) as readonly { readonly file: string; readonly content: string; readonly permissions: string }[];
  const sum = createHash("sha256");
  for (const { file, content } of uploads) {
    if (!isLiteral(content)) throw new Error(`${container.name}: ${file} holds an expression`);
    const name = nameOf(file);
    sum.update(`${name}\0${unescaped(content)}\0`);
    kept.add(`${part}/${name}`, unescaped(content));
  }
  const modes = [...new Set(uploads.map(({ permissions }) => permissions))];
  const [permissions = ""] = modes;
  if (sum.digest("hex").slice(0, 12) !== digits || modes.length !== 1) throw new Error(`${container.name}: hash or modes of its files are unknown`);
  const local = part.replace(/\W/g, "_");
  return { part, names: `${local}_files`, hash: `${local}_hash`, permissions, digits };
}

/** Whether a container carries files under the hash of their texts. */
export function carriesFiles(container: JsonObject): boolean {
  return typeof container.for_each === "string" && container.upload !== undefined;
}

export function nameOf(file: string): string {
  return file.replace(/^\/config\//, "");
}

/** The local values that compute the hash of `files`. */
export function hashExpression({ part, names, hash }: ConfigFiles, files: readonly string[]): string {
  const text = `"\${name}\\u0000\${file("\${path.module}/files/${part}/\${name}")}\\u0000"`;
  return [
    `# files of ${part}, in the order of their hash; a changed file replaces the volume, and restarts what reads it`,
    `${names} = ${new HclWriter().value(files as Json)}`,
    `${hash} = substr(sha256(join("", [for name in local.${names} : ${text}])), 0, 12)`,
  ].join("\n");
}

/** The block in place of the uploads. */
export function uploadsOf({ part, names, permissions }: ConfigFiles): string {
  const file = `"\${path.module}/files/${part}/\${upload.value}"`;
  return `dynamic "upload" {\nfor_each = local.${names}\ncontent {\nfile = "/config/\${upload.value}"\ncontent = file(${file})\npermissions = "${permissions}"\n}\n}`;
}
