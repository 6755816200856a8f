import { ConfigurationError } from "./constructs/core/errors";
import { redact } from "./constructs/core/secret-kinds";
import { loadEnvironments } from "./lib/environment/load";
import { withRecordedRole } from "./lib/operations/standby/roles";
import { buildApplication } from "./lib/stack/application";

/** What `cdktf` runs: every environment that has a file becomes one stack. */
function main(): void {
  const environments = loadEnvironments().map((environment) => withRecordedRole(environment, undefined));
  buildApplication(environments).app.synth();
}

try {
  main();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${redact(error.message)}\n`);
  process.exitCode = 1;
}
