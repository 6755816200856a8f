import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnvironment } from "../../lib/environment/load";
import type { Environment } from "../../lib/environment/schema";

const ENVIRONMENTS = join(__dirname, "..", "..", "environments");

/** Text of the embedded default. */
export function localText(): string {
  return readFileSync(join(ENVIRONMENTS, "local.yaml"), "utf8");
}

/** The embedded default. */
export function localEnvironment(): Environment {
  return parseEnvironment("local", localText(), "local.yaml");
}

/** The example that shows every key; not for real use, because its image digests are not locked. */
export function exampleEnvironment(): Environment {
  const text = readFileSync(join(ENVIRONMENTS, "production.example.yaml"), "utf8");
  return { ...parseEnvironment("production", text, "production.example.yaml"), production: false };
}
