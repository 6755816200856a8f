import { createHash } from "node:crypto";
import { type HclWriter, type Json, type JsonObject, listOf } from "./hcl";
import type { KeptFiles } from "./kept-files";
import { isLiteral, unescaped } from "./template";

type Step = readonly [type: string, content: JsonObject];

/** Provisioners of one resource; a script of several lines becomes a file beside the HCL. */
export class Provisioners {
  /** SHA-256 of a script → path of its file, as HCL has it. */
  private readonly scripts = new Map<string, string>();

  constructor(
    private readonly hcl: HclWriter,
    private readonly kept: KeptFiles,
    /** Name of the files. */
    private readonly name: string,
    private readonly steps: readonly Step[],
  ) {
    for (const text of steps.flatMap(([, content]) => textsIn(content))) {
      if (isScript(text)) this.scripts.set(hashOf(text), kept.addScript(name, unescaped(text)));
    }
  }

  public static of(value: Json, name: string, hcl: HclWriter, kept: KeptFiles): Provisioners {
    const steps = listOf(value).flatMap((one) => Object.entries(one as Record<string, JsonObject>));
    return new Provisioners(hcl, kept, name, steps);
  }

  /** Triggers with the hash of a script computed from its file, so that a changed file runs the steps again. */
  public triggers(value: Json): string {
    const lines = Object.entries(value as JsonObject).map(([key, one]) => {
      const path = this.scripts.get(String(one));
      return `${key} = ${path === undefined ? this.hcl.value(one) : `filesha256(${path})`}`;
    });
    return `triggers = {\n${lines.join("\n")}\n}`;
  }

  public blocks(): string {
    return this.steps
      .map(([type, content]) =>
        this.hcl.block(
          `provisioner "${type}"`,
          content,
          {},
          {
            connection: (value) => this.hcl.block("connection", value as JsonObject),
            content: (text) => `content = ${this.text(text)}`,
            command: (text) => `command = ${this.text(text)}`,
            environment: (value) =>
              `environment = {\n${Object.entries(value as JsonObject)
                .map(([key, text]) => `${key} = ${this.text(text)}`)
                .join("\n")}\n}`,
            when: (value) => `when = ${value}`,
            on_failure: (value) => `on_failure = ${value}`,
          },
        ),
      )
      .join("\n");
  }

  private text(value: Json): string {
    return isScript(value) ? `file(${this.kept.addScript(this.name, unescaped(value))})` : this.hcl.value(value);
  }
}

/** Texts that may be scripts. */
function textsIn({ content, command, environment }: JsonObject): Json[] {
  return [content ?? null, command ?? null, ...Object.values((environment ?? {}) as JsonObject)];
}

function isScript(value: Json): value is string {
  return typeof value === "string" && value.includes("\n") && isLiteral(value);
}

function hashOf(text: string): string {
  return createHash("sha256").update(unescaped(text)).digest("hex");
}
