import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./needs";

interface Manager {
  readonly managerFilePatterns: readonly string[];
  readonly matchStrings: readonly string[];
}

export const CONFIG: { readonly customManagers: readonly Manager[] } = JSON.parse(readFileSync(join(ROOT, "renovate.json"), "utf8"));

function matches(file: string, text: string): RegExpExecArray[] {
  return CONFIG.customManagers
    .filter(({ managerFilePatterns }) => managerFilePatterns.some((pattern) => new RegExp(pattern.replace(/^\/|\/$/g, "")).test(file)))
    .flatMap(({ matchStrings }) => matchStrings)
    .flatMap((pattern) => [...text.matchAll(new RegExp(pattern, "gd"))]);
}

/** What the bot finds in a file of this name, as it reads it. */
export function found(file: string, text: string): Record<string, string | undefined>[] {
  return matches(file, text).map(({ groups = {} }) => ({ ...groups }));
}

/** The file after the bot's update of every version that it finds there to `newer`. */
export function updated(file: string, text: string, newer: (version: string) => string): string {
  const places = matches(file, text)
    .flatMap(({ indices }) => (indices?.groups?.currentValue === undefined ? [] : [indices.groups.currentValue]))
    .sort(([one], [other]) => other - one);
  return places.reduce((before, [start, end]) => before.slice(0, start) + newer(before.slice(start, end)) + before.slice(end), text);
}
