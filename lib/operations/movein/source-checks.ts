import { OperatorError } from "../../system/operator-error";
import type { SourceAccount, SourceFacts } from "./facts";
import { type Layout, placedAs } from "./layout";

/** Values of the target that the source is compared with. */
export interface TargetFacts {
  /** Names of the migrations that the target's release has. */
  readonly migrations: readonly string[];
  readonly users: readonly { readonly name: string; readonly email: string }[];
}

/** What was given beside the dump. */
export interface Given {
  readonly key: boolean;
  readonly withoutKey: boolean;
  readonly address: string | undefined;
  /** @default - no uploads were given */
  readonly layout: Layout | undefined;
  readonly uploads: string | undefined;
  readonly dump: string;
}

/** Which account belongs to which user, and which accounts and users have no counterpart. */
export interface Matches {
  readonly linked: readonly { readonly account: SourceAccount; readonly user: string }[];
  readonly unlinked: readonly SourceAccount[];
  readonly absent: readonly string[];
}

const SHOWN = 5;

/** Matches accounts with users by e-mail address, in any case of its letters. */
export function matchAccounts(accounts: readonly SourceAccount[], users: TargetFacts["users"]): Matches {
  const byEmail = new Map(users.map(({ name, email }) => [email.toLowerCase(), name]));
  const found = accounts.map((account) => ({ account, user: byEmail.get(account.email.toLowerCase()) }));
  const linked = found.flatMap(({ account, user }) => (user === undefined ? [] : [{ account, user }]));
  const names = new Set(linked.map(({ user }) => user));
  return {
    linked,
    unlinked: found.filter(({ user }) => user === undefined).map(({ account }) => account),
    absent: users.map(({ name }) => name).filter((name) => !names.has(name)),
  };
}

/** Paths of the database whose file is not among the uploads. */
export function missingFiles({ files, present }: SourceFacts, layout: Layout | undefined): string[] {
  const there = new Set(layout === undefined ? [] : present.map((file) => placedAs(file, layout)));
  return files.filter((path) => !there.has(path));
}

/** Everything that prevents the import, each with its remedy. */
export function sourceProblems(source: SourceFacts, target: TargetFacts, given: Given): OperatorError[] {
  const newer = source.migrations.filter((name) => !target.migrations.includes(name));
  const wanted = ["migrations", "users", "settings"].filter((table) => !source.tables.includes(table));
  return [
    ...problem(source.cut, `--dump ${given.dump} does not end with "-- Dump completed"; it is cut short, or comments were left out`, DUMP),
    ...problem(wanted.length > 0, `--dump ${given.dump} is not of a BookStack database; it has no table ${wanted.join(", ")}`, DUMP),
    ...problem(
      source.others.length > 0,
      `--dump ${given.dump} has views or triggers, which BookStack does not use: ${shown(source.others)}`,
      "dump with --skip-triggers and without views",
    ),
    ...problem(
      newer.length > 0,
      `--dump ${given.dump} is of a newer BookStack than this wiki; unknown migrations: ${shown(newer)}`,
      "update this wiki to the release of the source or later, then import again",
    ),
    ...problem(
      source.secondFactors > 0 && !given.key && !given.withoutKey,
      `--app-key-file is missing, and ${source.secondFactors} second factors in the database can be read only with the APP_KEY of the source`,
      "write APP_KEY from the .env of the source into a file and give it with --app-key-file, or give --without-app-key to remove these second factors",
    ),
    ...problem(
      given.uploads !== undefined && given.layout === undefined,
      `--uploads ${given.uploads} has no known layout`,
      "name the directory that contains public/uploads and storage/uploads (plain, solidnerd), or uploads, files and images (linuxserver: /config/www)",
    ),
    ...problem(
      source.links.length > 0,
      `--uploads ${given.uploads} contains links or special files, which could point to anything: ${shown(source.links)}`,
      "replace each by the file that it points to, or remove it, in a copy",
    ),
    ...problem(
      given.uploads === undefined && source.files.length > 0,
      `--uploads is missing, and the database names ${source.files.length} files`,
      "give the directory or archive of the uploads",
    ),
  ];
}

const DUMP = "make it again: mysqldump (or mariadb-dump) --single-transaction --no-tablespaces <database>";

function problem(is: boolean, text: string, remedy: string): OperatorError[] {
  return is ? [new OperatorError(text, remedy)] : [];
}

/** The first few, and how many there are. */
export function shown(values: readonly string[]): string {
  const rest = values.length - SHOWN;
  return `${values.slice(0, SHOWN).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
