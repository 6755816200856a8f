import { chmodSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { isMap, isNode, isScalar, parseDocument, stringify, type YAMLMap } from "yaml";
import { ENVIRONMENTS, parseEnvironment } from "../../environment/load";
import type { Environment } from "../../environment/schema";
import { writeWhole } from "../../system/whole-file";
import { type EnvironmentFile, ROOT } from "../workspace";

/** Where a wiki is moved to: keys of the block `docker`. */
export type Place = Pick<Environment["docker"], "host" | "hostKey" | "certificates">;

const KEYS = ["host", "hostKey", "certificates"] as const;

/** A part of a text, and what takes its place. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The text of an environment file with another Docker host; everything else stays as it is written. */
export function withPlace(text: string, place: Place): string {
  const document = parseDocument(text);
  const block = document.get("docker", true);
  if (isMap(document.contents) && document.contents.flow !== true && (block === undefined || (isMap(block) && block.flow !== true))) {
    return block === undefined ? `${text.replace(/\n*$/, "\n")}docker:\n${linesFor(place, KEYS, "  ")}` : edited(text, editsOf(text, block, place));
  }
  for (const key of KEYS) {
    if (place[key] === undefined) document.deleteIn(["docker", key]);
    else document.setIn(["docker", key], place[key]);
  }
  return document.toString({ lineWidth: 0 });
}

function editsOf(text: string, block: YAMLMap, place: Place): Edit[] {
  const start = text.lastIndexOf("\n", (rangeOf(block.items[0]?.key)?.[0] ?? 1) - 1) + 1;
  const there = KEYS.flatMap((key) => {
    const pair = block.items.find((item) => isScalar(item.key) && item.key.value === key);
    const [from, to] = [rangeOf(pair?.key)?.[0], rangeOf(pair?.value)];
    return from === undefined || to === undefined ? [] : [{ key, from, value: to }];
  });
  const changed = there.map(({ key, from, value: [valueFrom, valueTo] }): Edit => {
    const wanted = place[key];
    if (wanted !== undefined) return { from: valueFrom, to: valueTo, text: stringify(wanted, { lineWidth: 0 }).trim() };
    const end = text.indexOf("\n", valueTo);
    return { from: text.lastIndexOf("\n", from) + 1, to: end === -1 ? text.length : end + 1, text: "" };
  });
  const absent = KEYS.filter((key) => !there.some((one) => one.key === key));
  const indentation = /^ */.exec(text.slice(start))?.[0] ?? "  ";
  // below docker.host, which others belong to
  const host = there.find(({ key }) => key === "host");
  const at = host === undefined ? start : text.indexOf("\n", host.value[1]) + 1 || text.length;
  return [...changed, { from: at, to: at, text: linesFor(place, absent, indentation) }];
}

function edited(text: string, edits: readonly Edit[]): string {
  // from the end, so that positions before stay; of two at one position the insertion comes first
  const ordered = [...edits].sort((one, other) => other.from - one.from || other.to - one.to);
  return ordered.reduce((result, { from, to, text: replacement }) => result.slice(0, from) + replacement + result.slice(to), text);
}

function linesFor(place: Place, keys: readonly (typeof KEYS)[number][], indentation: string): string {
  return keys.flatMap((key) => (place[key] === undefined ? [] : [`${indentation}${stringify({ [key]: place[key] }, { lineWidth: 0 })}`])).join("");
}

function rangeOf(node: unknown): readonly [from: number, to: number] | undefined {
  const range = isNode(node) ? node.range : undefined;
  return range ? [range[0], range[1]] : undefined;
}

/**
 * The environment as it is on the new Docker host.
 *
 * @throws ConfigurationError when the file would not be accepted.
 */
export function environmentAt({ environment, directory }: EnvironmentFile, place: Place): Environment {
  const file = pathOf({ environment, directory });
  return parseEnvironment(environment, withPlace(readFileSync(file, "utf8"), place), `${relative(process.cwd(), file)} with --to ${place.host}`);
}

/** Writes the new Docker host into the environment file; its mode stays. The path of the file. */
export function writePlace(source: EnvironmentFile, place: Place): string {
  const file = pathOf(source);
  const { mode } = statSync(file);
  writeWhole(file, withPlace(readFileSync(file, "utf8"), place));
  chmodSync(file, mode);
  return relative(process.cwd(), file);
}

function pathOf({ environment, directory = join(ROOT, ENVIRONMENTS) }: EnvironmentFile): string {
  // a link stays a link
  return realpathSync(join(directory, `${environment}.yaml`));
}
