import { Construct } from "constructs";
import { assetText } from "../core/asset";
import { ConfigFile } from "../core/config-file";
import type { Job } from "../docker/job";
import { CONFIG_DIRECTORY } from "./bookstack-config";
import { type WikiJobProps, wikiJob } from "./wiki-job";

export interface UsersJobProps extends WikiJobProps {
  /** All users, as JSON. */
  readonly users: ConfigFile;
  /** Files that every process of the wiki reads. */
  readonly files: readonly ConfigFile[];
  /** The job that migrates the database. */
  readonly after: readonly Job[];
}

/**
 * Updates accounts in the wiki from the list of users: renamed users keep theirs, addresses and roles follow the list, and a user who is not in it
 * any more loses the roles. Runs on the database's network alone, again with each change of the list; the wiki goes on meanwhile.
 */
export class UsersJob extends Construct {
  public readonly job: Job;

  constructor(scope: Construct, id: string, props: UsersJobProps) {
    super(scope, id);
    const { users, files, after } = props;
    this.job = wikiJob(this, "Job", props, {
      name: "bookstack-users",
      purpose: ["accounts follow the list", "of users"],
      command: ["php", `${CONFIG_DIRECTORY}/sync-users.php`, `${CONFIG_DIRECTORY}/${users.path}`],
      files: [
        ...files,
        ConfigFile.text("database-update.php", () => assetText("wiki/assets/database-update.php")),
        ConfigFile.text("accounts.php", () => assetText("wiki/assets/theme/accounts.php")),
        ConfigFile.text("sync-users.php", () => assetText("wiki/assets/sync-users.php")),
        users,
      ],
      after,
    });
  }
}
