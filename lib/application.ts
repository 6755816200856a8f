import { AnnotationMetadataEntryType, App, type AppConfig } from "cdktf";
import { ConfigurationError } from "../constructs/core/errors";
import { checkPolicy } from "../constructs/policy";
import type { Environment } from "./environment/schema";
import { WikiStack } from "./wiki-stack";

/** An application that was checked and can be written. */
export interface Application {
  readonly app: App;
  readonly stacks: readonly WikiStack[];
}

/**
 * Builds one stack for each environment and checks all of them; nothing is written before `app.synth()`.
 *
 * @throws ConfigurationError when a construct or the policy refuses an environment.
 */
export function buildApplication(environments: readonly Environment[], config?: AppConfig): Application {
  tracelessTokens();
  const app = new App(config);
  const stacks = environments.map((environment) => new WikiStack(app, environment));
  for (const stack of stacks) {
    stack.prepareStack();
    const problems = [...stack.node.findAll().flatMap(({ node }) => node.validate().map((problem) => `${node.path} ${problem}`)), ...checkPolicy(stack)];
    if (problems.length > 0) throw new ConfigurationError(stack.node.id, problems);
  }
  return { app, stacks };
}

/** Every token of the framework records where it was made; writing these traces out takes a tenth of the whole run, and nobody reads them. */
function tracelessTokens(): void {
  Error.prepareStackTrace = (error, frames) => (error instanceof Error ? [String(error), ...frames.map((frame) => `    at ${frame}`)].join("\n") : "");
}

/** Warnings of a stack, in the order in which they were given. */
export function warningsOf(stack: WikiStack): string[] {
  return stack.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === AnnotationMetadataEntryType.WARN)
    .map(({ data }) => String(data));
}
