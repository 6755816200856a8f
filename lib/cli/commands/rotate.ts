import type { SecretDescription } from "../../../constructs/contracts/secret-store";
import { Docker } from "../../clients/docker/docker";
import type { Environment } from "../../environment/schema";
import { kindOf } from "../../operations/rotate/kinds";
import { Rotation } from "../../operations/rotate/rotation";
import { type RotationStore, rotationStore } from "../../operations/rotate/store";
import { synthesize } from "../../operations/workspace";
import { secondsSince } from "../../system/elapsed";
import { OperatorError } from "../../system/operator-error";
import { type Arguments, type Command, usageOf } from "../command";
import { say } from "../output/say";

export const command: Command = {
  group: "run",
  oneHost: true,
  summary: "replace a secret, or all, while the wiki runs",
  details: "An interrupted rotation is continued by the next one. Secrets that it cannot rotate are listed with the reason.",
  positionals: [{ name: "secret", optional: true }],
  options: {
    all: { description: "rotate all secrets that one run can rotate" },
    finish: { description: "with the name of a CA that devices trust: let the new one sign, and drop the old one" },
  },
  changes: "whole",
  run,
};

async function run(args: Arguments): Promise<number> {
  const name = args.positionals.get("secret");
  const all = args.flags.has("all");
  const finish = args.flags.has("finish");
  if ((name === undefined) !== all || (finish && all)) throw new OperatorError("name one secret, or use --all", usageOf("rotate", command));
  const { environment, stack } = synthesize(args);
  const secrets = stack.secrets.describe();
  await rotateSecrets(
    environment,
    secrets,
    name === undefined ? rotatable(secrets).filter((secret) => !isOnServer(environment, secret)) : [secretNamed(environment, secrets, name)],
    finish,
  );
  if (all) tellLeftOut(secrets);
  return 0;
}

/**
 * Rotates `chosen` of the secrets of an environment.
 *
 * @throws OperatorError that says what to do instead when one cannot be rotated.
 */
export async function rotateSecrets(
  environment: Environment,
  secrets: readonly SecretDescription[],
  chosen: readonly SecretDescription[],
  finish = false,
): Promise<void> {
  for (const secret of chosen) {
    const { method, how, waits } = kindOf(secret);
    if (finish && waits === undefined) throw new OperatorError(`${secret.name} is rotated in one run`, `npm run rotate -- ${environment.name} ${secret.name}`);
    if (isOnServer(environment, secret)) {
      throw new OperatorError(`${secret.name} is of an account on ${environment.database.external?.host}, which this command does not change`, SERVER_DOCUMENT);
    }
    if (method === undefined) throw new OperatorError(`${secret.name} is not rotated by this command`, how);
  }
  const docker = new Docker(environment.docker);
  docker.require();
  const began = Date.now();
  const store = rotationStore(environment, docker);
  if (finish) requireTrusted(environment, store, chosen);
  const { rotated, waiting } = await new Rotation({ environment, docker, secrets, store, say }, finish).run(chosen);
  if (rotated.length > 0) say(`rotated ${rotated.join(", ")} in ${secondsSince(began)} s`);
  for (const secret of secrets.filter(({ name }) => waiting.includes(name))) tellWaiting(environment, secret);
}

/** @throws OperatorError when a CA would sign that nobody trusts yet. */
function requireTrusted({ name: environment }: Environment, store: RotationStore, chosen: readonly SecretDescription[]): void {
  const pending = store.pending();
  for (const { name } of chosen) {
    if ((pending.get(name) ?? "staged") !== "staged") continue;
    throw new OperatorError(`the services do not trust the new ${name} yet`, `npm run rotate -- ${environment} ${name}`);
  }
}

function tellWaiting({ name: environment }: Environment, secret: SecretDescription): void {
  say(`${secret.name}: the old and the new value are accepted, and the old one is in use. Next:`);
  for (const line of kindOf(secret).waits?.(environment) ?? []) say(`  ${line}`);
}

const SERVER_DOCUMENT = "see docs/operations/external-database.md#passwords";

/** Whether it is the password of an account on a database server of another machine. */
function isOnServer({ database }: Environment, { name }: SecretDescription): boolean {
  return database.external !== undefined && /^mysql_[a-z0-9]+_password$/.test(name);
}

/** Secrets that one run of the command can rotate. */
export function rotatable(secrets: readonly SecretDescription[]): SecretDescription[] {
  return secrets.filter(isRotatable);
}

function isRotatable(secret: SecretDescription): boolean {
  const { method, waits } = kindOf(secret);
  return method !== undefined && waits === undefined;
}

/**
 * The secret of that name.
 *
 * @throws OperatorError when there is none.
 */
export function secretNamed({ name: environment }: Environment, secrets: readonly SecretDescription[], name: string): SecretDescription {
  const secret = secrets.find((one) => one.name === name);
  if (secret === undefined) throw new OperatorError(`${environment} has no secret "${name}"`, `one of ${secrets.map((one) => one.name).join(", ")}`);
  return secret;
}

function tellLeftOut(secrets: readonly SecretDescription[]): void {
  const left = secrets.filter((secret) => !isRotatable(secret));
  if (left.length === 0) return;
  say("\nNot rotated:");
  for (const secret of left) say(`  ${secret.name}: ${kindOf(secret).how}`);
}
