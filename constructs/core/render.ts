import { Token } from "cdktf";
import { terraformLiteral } from "./terraform-literal";

/** A value of one line of an `ini` file; `true` renders the bare key, a list one line for each value. */
export type IniValue = string | number | true | readonly (string | number)[];

/** Section name → key → value. The name `""` renders its lines without a header. */
export type Sections = Readonly<Record<string, Readonly<Record<string, IniValue>>>>;

/** Renders sections of `key=value` lines, in the order given. */
export function renderIni(sections: Sections): string {
  return Object.entries(sections)
    .map(([name, values]) => [...(name === "" ? [] : [`[${name}]`]), ...Object.entries(values).flatMap(iniLines)])
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

function iniLines([key, value]: [string, IniValue]): string[] {
  if (value === true) return [key];
  const values = typeof value === "object" ? value : [value];
  return values.map((item) => `${key}=${item}`);
}

/** `KEY=value` strings in the order of their keys, as Docker takes an environment; what looks like a template of Terraform stays as it is. */
export function renderEnvironment(variables: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(variables)
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, value]) => `${key}=${Token.isUnresolved(value) ? value : terraformLiteral(`${value}`)}`);
}

/** Order of two texts by code unit: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `word` as one word of a POSIX shell command. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
