import type { Block } from "./rule";

/** The blocks `name` of `attributes`: none, the only one, or each of a list. */
export function blocksOf(attributes: Block, name: string): Block[] {
  return [attributes[name] ?? []].flat() as Block[];
}

/** The texts of the list `name` of `attributes`; none when it is not given. */
export function textsOf(attributes: Block, name: string): string[] {
  return [attributes[name] ?? []].flat().map(String);
}

/** The pairs of the map `name` of `attributes`; none when it is not given. */
export function pairsOf(attributes: Block, name: string): [key: string, value: string][] {
  return Object.entries(attributes[name] ?? {}).map(([key, value]) => [key, String(value)]);
}

/** `value` as a message shows it. */
export function shown(value: unknown): string {
  return value === undefined || value === null ? "nothing" : JSON.stringify(value);
}
