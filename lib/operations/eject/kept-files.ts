/** Directory of scripts below `files/`. */
const SCRIPTS = "scripts/";

/** Text files beside the HCL: path below `files/` → text. */
export class KeptFiles {
  public readonly texts = new Map<string, string>();

  /** Keeps a text; its path, as HCL has it. */
  public add(path: string, text: string): string {
    if ((this.texts.get(path) ?? text) !== text) throw new Error(`two texts for ${path}`);
    this.texts.set(path, text);
    return `"\${path.module}/files/${path}"`;
  }

  /** Keeps a script, once for all that run it; its path, as HCL has it. */
  public addScript(name: string, text: string): string {
    const known = [...this.texts].find(([path, other]) => path.startsWith(SCRIPTS) && other === text)?.[0];
    if (known !== undefined) return this.add(known, text);
    let path = `${SCRIPTS}${name}.sh`;
    for (let number = 2; this.texts.has(path); number++) path = `${SCRIPTS}${name}.${number}.sh`;
    return this.add(path, text);
  }
}
