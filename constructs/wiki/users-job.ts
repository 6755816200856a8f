import { Construct } from "constructs";
import type { SecretStore } from "../contracts/secret-store";
import { assetText } from "../core/asset";
import { ConfigFile } from "../core/config-file";
import type { MySql } from "../database/mysql";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import { Job } from "../docker/job";
import type { BridgeNetwork } from "../docker/networks";
import type { SecretText } from "../secrets/secret";
import { type BookStackSettings, CONFIG_DIRECTORY, renderEnvironment, renderSignOn, SCRATCH_DIRECTORY, wikiTmpfs } from "./bookstack-config";

export interface UsersJobProps extends BookStackSettings {
  readonly namespace: string;
  /** Image of the wiki. */
  readonly image: ContainerImage;
  /** Where the database is. */
  readonly database: BridgeNetwork;
  readonly mysql: MySql;
  readonly secrets: SecretStore;
  readonly limits: Limits;
  /** `uid:gid` of the wiki. */
  readonly user: string;
  /** All users, as JSON. */
  readonly users: ConfigFile;
  /** Key with which the wiki encrypts. */
  readonly key: SecretText;
  /** Files that every process of the wiki reads. */
  readonly files: readonly ConfigFile[];
  /** The job that migrates the database. */
  readonly after: readonly Job[];
}

const NAME = "bookstack-users";

/**
 * Updates accounts in the wiki from the list of users: renamed users keep theirs, addresses and roles follow the list, and a user who is not in it
 * any more loses the roles. Runs on the database's network alone, again with each change of the list; the wiki goes on meanwhile.
 */
export class UsersJob extends Construct {
  public readonly job: Job;

  constructor(scope: Construct, id: string, props: UsersJobProps) {
    super(scope, id);
    const { namespace, image, database, mysql, secrets, limits, user, users, key, files, after } = props;
    const directory = secrets.directory(NAME, user);
    directory.add(key);
    const access = mysql.grantAccess({ secrets: directory }, "application");
    const [uid] = user.split(":").map(Number);
    this.job = new Job(this, "Job", {
      ...limits,
      namespace,
      name: NAME,
      description: { purpose: ["accounts follow the list", "of users"], zones: ["database"], connects: [{ to: "bookstack-db", label: "once, 3306" }] },
      image,
      user,
      network: [{ network: database }],
      entrypoint: ["sh", `${CONFIG_DIRECTORY}/entrypoint.sh`, "php", `${CONFIG_DIRECTORY}/sync-users.php`, `${CONFIG_DIRECTORY}/${users.path}`],
      environment: { ...renderEnvironment(props, access), ...renderSignOn(undefined) },
      config: {
        directory: CONFIG_DIRECTORY,
        files: [
          ...files,
          ConfigFile.text("database-update.php", () => assetText("wiki/assets/database-update.php")),
          ConfigFile.text("accounts.php", () => assetText("wiki/assets/theme/accounts.php")),
          ConfigFile.text("sync-users.php", () => assetText("wiki/assets/sync-users.php")),
          users,
        ],
      },
      tmpfs: { ...wikiTmpfs(uid ?? 0), [SCRATCH_DIRECTORY]: { sizeMiB: 16, owner: uid, mode: "0750" } },
      hosts: { [access.host]: access.address },
      mounts: [directory],
      after,
    });
  }
}
