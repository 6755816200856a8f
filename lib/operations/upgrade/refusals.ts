import { parseImageReference } from "../../../constructs/core/image-reference";
import { OperatorError } from "../../system/operator-error";
import type { Workspace } from "../workspace";
import type { ImageChange } from "./images";

/** What a plan must not do; `planned` is address → action. */
export function planProblems(
  { stack, environment: { name } }: Pick<Workspace, "stack" | "environment">,
  planned: ReadonlyMap<string, string>,
): OperatorError[] {
  const volumes: Record<string, { name?: string; for_each?: unknown }> = stack.toTerraform().resource?.docker_volume ?? {};
  const gone = [...planned].filter(
    ([address, action]) => address.startsWith("docker_volume.") && !address.includes("[") && ["delete", "replace"].includes(action),
  );
  const parts = stack.host === undefined ? [] : [...planned.keys()].filter((address) => address.startsWith("null_resource."));
  return [
    ...gone
      .map(([address]) => volumes[address.slice("docker_volume.".length)]?.name ?? address)
      .map((volume) => new OperatorError(`the upgrade would delete the volume ${volume}`, `npm run plan -- ${name}`)),
    ...(parts.length === 0
      ? []
      : [
          new OperatorError(
            `the upgrade changes ${parts.length} parts of the host, which it could not put back`,
            `npm run backup -- ${name}, npm run plan -- ${name}, then npm run deploy -- ${name}`,
          ),
        ]),
  ];
}

/** A version as numbers: `8.4.11` → [8, 4, 11]. */
export type Version = readonly number[];

/** Lines of MySQL of which each converts the data of the one before, and of no earlier one. */
const LINES = ["5.7", "8.0", "8.4", "9"] as const;

/** `mysqld  Ver 8.4.11 for Linux on x86_64` → [8, 4, 11]. */
export function serverVersion(printed: string): Version | undefined {
  const [, version] = /\bVer (\d+\.\d+\.\d+)/.exec(printed) ?? [];
  return version?.split(".").map(Number);
}

/** Why a server cannot run with the data of another; nothing when it can. */
export function databaseProblem(from: Version, to: Version): OperatorError | undefined {
  const [before, after] = [lineOf(from), lineOf(to)];
  if (compare(to, from) < 0) {
    return new OperatorError(
      `MySQL ${text(to)} cannot read the data of MySQL ${text(from)}; a downgrade is impossible`,
      `set database.version and images.mysql back, or restore a backup set into an empty environment with MySQL ${text(to)}`,
    );
  }
  if (after - before > 1) {
    return new OperatorError(
      `MySQL ${text(to)} cannot convert the data of MySQL ${text(from)}: a line of MySQL cannot be skipped`,
      `upgrade to MySQL ${LINES[before + 1]} first, then to ${text(to)}`,
    );
  }
  return undefined;
}

/** For an image that does not say which MySQL it has. */
export function unknownVersion(image: string): OperatorError {
  return new OperatorError(
    `${image} does not print a version of MySQL, so it is unknown whether it can read the data`,
    "set images.mysql to an image of MySQL",
  );
}

/** Why a database on another server cannot be migrated by an upgrade. */
export function elsewhereProblems(environment: string, migrations: readonly string[]): OperatorError[] {
  if (migrations.length === 0) return [];
  return [
    new OperatorError(
      `${migrations.length} schema migrations are pending, and the database is on another server, where an upgrade could not put it back`,
      `npm run backup -- ${environment}, then npm run deploy -- ${environment}`,
    ),
  ];
}

/** Position of a version in the row of lines; innovation releases count to the line that follows them. */
function lineOf([major = 0, minor = 0]: Version): number {
  if (major < 8) return 0;
  if (major === 8) return minor === 0 ? 1 : 2;
  return major - 6;
}

/** Why migrations of the wiki cannot run; nothing when they can. Those that ran and that the image does not have are of a newer release. */
export function migrationProblem(ran: readonly string[], known: readonly string[], image: string): OperatorError | undefined {
  const newest = [...known].sort().at(-1) ?? "";
  // a release may remove an old migration
  const newer = ran.filter((name) => !known.includes(name) && name > newest);
  if (newer.length === 0) return undefined;
  return new OperatorError(
    `${image} is older than the database of the wiki, which has the migrations ${newer.join(", ")}; a downgrade is impossible`,
    "set images.bookstack back, or restore a set of before: docs/operations/update.md, Go back to an older version",
  );
}

/** Images of services with data that get an older version of the same repository. */
export function downgrades(changes: readonly ImageChange[]): OperatorError[] {
  return changes
    .filter(({ service }) => KEEPS_DATA.includes(service))
    .filter(({ from, to }) => isOlder(from.name, to.name))
    .map(
      ({ container, from, to }) =>
        new OperatorError(
          `${container}: ${to.name} is older than ${from.name}, and may not be able to read its data`,
          "keep the newer image, or set an even newer one",
        ),
    );
}

/** Services whose data only the same or a later version can read; MySQL and the wiki are asked for their versions themselves. */
const KEEPS_DATA: readonly string[] = ["authelia", "crowdsec", "grafana", "prometheus"];

function isOlder(from: string, to: string): boolean {
  const [before, after] = [parseImageReference(from), parseImageReference(to)];
  if (before?.repository !== after?.repository) return false;
  const [old, next] = [tagVersion(before?.tag), tagVersion(after?.tag)];
  return old !== undefined && next !== undefined && compare(next, old) < 0;
}

/** `v3.7.11-4f1c…` → [3, 7, 11]. */
function tagVersion(tag = ""): Version | undefined {
  const [, version] = /^v?(\d+(?:\.\d+)*)/.exec(tag) ?? [];
  return version?.split(".").map(Number);
}

function compare(a: Version, b: Version): number {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function text(version: Version): string {
  return version.join(".");
}
