import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { ROOT } from "./needs";

/** One file that uses another, or a package. */
export interface Import {
  /** Path below the top of the repository. */
  readonly from: string;
  /** Path below the top of the repository without its ending, or the name of a package. */
  readonly to: string;
  /** Whether it is a file of this repository. */
  readonly own: boolean;
  /** Whether nothing of it is left when the program runs. */
  readonly typeOnly: boolean;
}

const LIBRARY = "secure-bookstack-constructs/";

/** TypeScript files at or below `paths`. */
export function typescriptBelow(...paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!existsSync(join(ROOT, path))) return [];
    if (statSync(join(ROOT, path)).isFile()) return [path];
    const files = readdirSync(join(ROOT, path), { recursive: true, encoding: "utf8" });
    return files.filter((file) => file.endsWith(".ts")).map((file) => join(path, file));
  });
}

/** What the file uses, in any of the forms that TypeScript has. */
export function importsOf(from: string, text = readFileSync(join(ROOT, from), "utf8")): Import[] {
  const statements = [...text.matchAll(/^(?:import|export)\s+(type\s+)?([^;"']*?)(?:from\s+)?"([^"]+)";/gm)];
  const calls = [...text.matchAll(/\b(?:require|import)\(\s*"([^"]+)"/g)];
  return [
    ...statements.map(([, type, names = "", to = ""]) => found(from, to, type !== undefined || onlyTypes(names))),
    ...calls.map(([, to = ""]) => found(from, to, false)),
  ];
}

function found(from: string, to: string, typeOnly: boolean): Import {
  const own = to.startsWith(".");
  // the name that the library has for another repository
  if (to.startsWith(LIBRARY)) return { from, own: true, typeOnly, to: `constructs/${to.slice(LIBRARY.length)}` };
  return { from, own, typeOnly, to: own ? relative(ROOT, join(ROOT, dirname(from), to)).replace(/\.ts$/, "") : to };
}

/** Whether `names` is `{ type A, type B }`. */
function onlyTypes(names: string): boolean {
  const listed = /^\{([^}]*)\}\s*$/.exec(names)?.[1] ?? "";
  const each = listed.split(",").map((name) => name.trim());
  return each.filter((name) => name !== "").every((name) => name.startsWith("type ")) && listed.trim() !== "";
}
