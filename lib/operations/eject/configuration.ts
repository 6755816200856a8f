import type { BlockSchema, ProviderSchemas } from "../../clients/terraform/provider-schemas";
import { type ConfigFiles, carriesFiles, configFiles, hashExpression, localsOf, uploadsOf } from "./config-files";
import { HclWriter, type Json, type JsonObject, listOf, references, type SpecialKeys } from "./hcl";
import { KeptFiles } from "./kept-files";
import { Provisioners } from "./provisioners";

type Named = Readonly<Record<string, JsonObject>>;
/** The JSON of a stack. */
export interface Stack {
  readonly terraform: { readonly required_providers: Named; readonly backend?: Named; readonly cloud?: JsonObject };
  readonly provider?: Readonly<Record<string, Json>>;
  readonly variable?: Named;
  readonly data?: Readonly<Record<string, Named>>;
  readonly resource?: Readonly<Record<string, Named>>;
  readonly output?: Named;
}

/** The configuration of a stack as a person would write it: path → text. */
export function configurationOf(stack: Stack, schemas: ProviderSchemas): ReadonlyMap<string, string> {
  return new Configuration(stack, Object.values(schemas.provider_schemas)).files();
}

class Configuration {
  private readonly kept = new KeptFiles();
  private readonly pages = new Map<string, string[]>();
  private readonly uploads = new Map<JsonObject, ConfigFiles>();
  private readonly hcl: HclWriter;

  constructor(
    private readonly stack: Stack,
    private readonly schemas: readonly ProviderSchemas["provider_schemas"][string][],
  ) {
    for (const container of Object.values(stack.resource?.docker_container ?? {}).filter(carriesFiles)) {
      this.uploads.set(container, configFiles(container, this.kept, [...this.uploads.values()]));
    }
    this.hcl = new HclWriter(new Map([...this.uploads.values()].map((files) => [files.digits, localsOf(files).hash])));
  }

  public files(): ReadonlyMap<string, string> {
    const { variable = {}, data = {}, resource = {}, output = {} } = this.stack;
    this.settings();
    for (const [name, content] of Object.entries(variable)) {
      this.add("variables", this.hcl.block(`variable "${name}"`, content, {}, { type: (type) => `type = ${type}`, validation: this.blocks("validation") }));
    }
    const locals = [...new Set(this.uploads.values())].map(hashExpression);
    if (locals.length > 0) this.add("files", `locals {\n${locals.join("\n\n")}\n}`);
    this.all("data", data, "data_source_schemas");
    this.all("resource", resource, "resource_schemas");
    for (const [name, content] of Object.entries(output)) this.add("outputs", this.hcl.block(`output "${name}"`, content));
    const pages = [...this.pages].map(([name, blocks]) => [`${name}.tf`, `${blocks.join("\n\n")}\n`] as const);
    return new Map([...pages, ...[...this.kept.texts].map(([path, text]) => [`files/${path}`, text] as const)]);
  }

  private add(page: string, block: string): void {
    this.pages.set(page, [...(this.pages.get(page) ?? []), block]);
  }

  private settings(): void {
    const { terraform, provider = {} } = this.stack;
    const needed = Object.entries(terraform.required_providers).map(([name, value]) => `${name} = ${this.hcl.value(value)}`);
    const backends = Object.entries(terraform.backend ?? {}).map(([name, content]) => this.hcl.block(`backend "${name}"`, content));
    const cloud = terraform.cloud === undefined ? [] : [this.hcl.block("cloud", terraform.cloud, { block_types: { workspaces: { block: {} } } })];
    this.add("terraform", `terraform {\nrequired_providers {\n${needed.join("\n")}\n}\n${[...backends, ...cloud].join("\n")}\n}`);
    for (const [name, contents] of Object.entries(provider)) {
      for (const content of listOf(contents) as readonly JsonObject[]) {
        const knows = ({ attributes = {}, block_types = {} }: BlockSchema) =>
          Object.keys(content).every((key) => key === "alias" || key in attributes || key in block_types);
        const schema = this.schemas.map((one) => one.provider?.block).find((block) => block !== undefined && knows(block));
        this.add("terraform", this.hcl.block(`provider "${name}"`, content, schema));
      }
    }
  }

  private all(kind: "data" | "resource", types: Readonly<Record<string, Named>>, schemas: "data_source_schemas" | "resource_schemas"): void {
    for (const [type, named] of Object.entries(types)) {
      const schema = this.schemas.map((one) => one[schemas]?.[type]?.block).find((block) => block !== undefined);
      for (const [id, content] of Object.entries(named))
        this.add(pageOf(content), this.hcl.block(`${kind} "${type}" "${id}"`, content, schema, this.special(content)));
    }
  }

  /** Keys that mean the same in each resource. */
  private special(content: JsonObject): SpecialKeys {
    const files = this.uploads.get(content);
    const { provisioner } = content;
    const steps = provisioner === undefined ? undefined : Provisioners.of(provisioner, pathOf(content).at(-1) ?? "script", this.hcl, this.kept);
    return {
      depends_on: (value) => (listOf(value).length === 0 ? "" : `depends_on = ${references(value)}`),
      for_each: (value) => `for_each = ${this.hcl.value(value)}`,
      provider: (value) => `provider = ${value}`,
      lifecycle: (value) => this.hcl.block("lifecycle", value as JsonObject, {}, this.lifecycle()),
      connection: this.blocks("connection"),
      ...(steps && { provisioner: () => steps.blocks(), triggers: (value: Json) => steps.triggers(value) }),
      ...(files && { upload: () => uploadsOf(content, files) }),
    };
  }

  private lifecycle(): SpecialKeys {
    const unquoted = (key: string) => (value: Json) => `${key} = ${value === "all" ? "all" : references(value)}`;
    return {
      precondition: this.blocks("precondition"),
      postcondition: this.blocks("postcondition"),
      ignore_changes: unquoted("ignore_changes"),
      replace_triggered_by: unquoted("replace_triggered_by"),
    };
  }

  private blocks(head: string): (value: Json) => string {
    return (value) =>
      listOf(value)
        .map((one) => this.hcl.block(head, one as JsonObject))
        .join("\n");
  }
}

/** Ids of the constructs above a resource, and its own. */
function pathOf(content: JsonObject): string[] {
  const path = ((content["//"] as JsonObject | undefined)?.metadata as JsonObject | undefined)?.path;
  return String(path ?? "").split("/");
}

/** Name of the file for a resource: the part of the stack that made it, with its image. */
function pageOf(content: JsonObject): string {
  return (pathOf(content)[1] ?? "main")
    .toLowerCase()
    .replace(/(?<=.)image$/, "")
    .replace(/\W+/g, "-");
}
