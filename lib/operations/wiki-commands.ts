import { APPLICATION_DIRECTORY, CONFIG_DIRECTORY } from "../../constructs/wiki/bookstack-config";

/** Starts PHP in the container of the wiki, with the wiki's secrets. */
export const WIKI_PHP = ["sh", `${CONFIG_DIRECTORY}/entrypoint.sh`, "php"] as const;
/** Asks the wiki, in its container, whether it reaches its database. */
export const WIKI_STATUS = ["curl", "-fsS", "-m", "20", "-o", "/dev/null", "http://127.0.0.1:3000/status"] as const;
/** Lists the files of the migrations that an image of the wiki has. */
export const LIST_MIGRATIONS = ["ls", `${APPLICATION_DIRECTORY}/database/migrations`] as const;

/** Names of migrations, by what `LIST_MIGRATIONS` prints. */
export function migrationNames(files: readonly string[]): string[] {
  return files.filter((file) => file.endsWith(".php")).map((file) => file.slice(0, -".php".length));
}
