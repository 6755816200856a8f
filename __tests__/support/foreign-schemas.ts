import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ValidateFunction } from "ajv";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { shared } from "./shared";

const SCHEMAS = join(__dirname, "..", "schemas");

type TraefikSchema = { definitions: Record<string, { required?: string[]; properties: Record<string, object> }> };

/** What Traefik has got since its schema was written; the e2e level shows that it takes it. */
function withLayers(schema: TraefikSchema): object {
  const { httpRouter, ipStrategy, httpLoadBalancerService } = schema.definitions;
  if (httpRouter) httpRouter.required = ["rule"];
  Object.assign(httpRouter?.properties ?? {}, { parentRefs: { type: "array", items: { type: "string" } } });
  Object.assign(ipStrategy?.properties ?? {}, { ipv6Subnet: { type: "integer", minimum: 1, maximum: 128 } });
  const { properties = {} } = (httpLoadBalancerService?.properties.healthCheck ?? {}) as { properties?: Record<string, object> };
  properties.unhealthyInterval = { type: "string" };
  return schema;
}

/** A JSON schema of another program, ready to judge values; compiling one takes longer than all that it judges. */
export function compiledSchema(name: string): ValidateFunction {
  return shared(`schema ${name}`, () => compile(name));
}

function compile(name: string): ValidateFunction {
  const schema = JSON.parse(readFileSync(join(SCHEMAS, name), "utf8"));
  const options = { strict: false, allErrors: true, logger: false } as const;
  if (name.startsWith("authelia")) return addFormats(new Ajv2020({ ...options, unicodeRegExp: false })).compile(schema);
  return addFormats(new Ajv(options)).compile(name === "traefik-v3-file-provider.json" ? withLayers(schema) : schema);
}
