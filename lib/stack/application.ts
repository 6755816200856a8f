import { AnnotationMetadataEntryType, App, type AppConfig } from "cdktf";
import { ConfigurationError } from "../../constructs/core/errors";
import { checkPolicy } from "../../constructs/policy";
import type { Environment } from "../environment/schema";
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
  const app = new App(config);
  const stacks = environments.map((environment) => new WikiStack(app, environment));
  for (const stack of stacks) {
    // complete: what it renders stays the same from here on
    stack.node.lock();
    const problems = [...stack.node.findAll().flatMap(({ node }) => node.validate().map((problem) => `${node.path} ${problem}`)), ...checkPolicy(stack)];
    if (problems.length > 0) throw new ConfigurationError(stack.node.id, problems);
  }
  return { app, stacks };
}

/** Warnings of a stack, in the order in which they were given. */
export function warningsOf(stack: WikiStack): string[] {
  return stack.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === AnnotationMetadataEntryType.WARN)
    .map(({ data }) => String(data));
}
