import { ConfigurationError } from "./constructs/core/errors";
import { redact } from "./constructs/core/secret-kinds";
import { buildApplication } from "./lib/application";
import { loadEnvironments } from "./lib/environment/load";

/** What `cdktf` runs: every environment that has a file becomes one stack. */
function main(): void {
  buildApplication(loadEnvironments()).app.synth();
}

try {
  main();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${redact(error.message)}\n`);
  process.exitCode = 1;
}
