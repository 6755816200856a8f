import type { Construct } from "constructs";
import type { SecretDirectory, SecretStore } from "../contracts/secret-store";
import type { MySql } from "../database/mysql";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import { Job } from "../docker/job";
import type { BridgeNetwork } from "../docker/networks";
import type { SecretText } from "../secrets/secret";
import type { FirstAdministrator } from "./bookstack";
import { type BookStackSettings, CONFIG_DIRECTORY, renderEnvironment, renderSignOn, SCRATCH_DIRECTORY, wikiTmpfs } from "./bookstack-config";
import { configFiles, setupFiles } from "./bookstack-files";
import { renderOutbound } from "./bookstack-outbound";

export interface SetupJobProps extends BookStackSettings {
  readonly namespace: string;
  /** Image of the wiki. */
  readonly image: ContainerImage;
  /** Where the database is. */
  readonly database: BridgeNetwork;
  readonly mysql: MySql;
  readonly secrets: SecretStore;
  /** Secrets that the operator may read. */
  readonly operator: SecretDirectory;
  readonly limits: Limits;
  /** `uid:gid` of the wiki. */
  readonly user: string;
  readonly administrator: FirstAdministrator;
  /** Password of the administrator. */
  readonly password: SecretText;
  /** Key with which the wiki encrypts. */
  readonly key: SecretText;
}

const NAME = "bookstack-setup";

/** The job that migrates the database and replaces the stock account, on the database's network alone. */
export function setupJob(scope: Construct, props: SetupJobProps): Job {
  const { namespace, image, database, mysql, administrator, limits, key, password, user } = props;
  const directory = props.secrets.directory(NAME, user);
  for (const secret of [key, password]) directory.add(secret);
  props.operator.add(password);
  const access = mysql.grantAccess({ secrets: directory }, "application");
  const [uid = 0] = user.split(":").map(Number);
  return new Job(scope, "Setup", {
    ...limits,
    namespace,
    name: NAME,
    description: {
      purpose: ["creates the tables,", "replaces the stock account"],
      zones: ["database"],
      connects: [{ to: "bookstack-db", label: "once, 3306" }],
    },
    image,
    user,
    network: [{ network: database }],
    entrypoint: ["sh", `${CONFIG_DIRECTORY}/entrypoint.sh`, "setup"],
    environment: {
      ...renderEnvironment(props, access),
      ...renderSignOn(undefined),
      ...renderOutbound({}),
      WIKI_ADMIN_EMAIL: administrator.email,
      WIKI_ADMIN_NAME: administrator.name,
    },
    config: { directory: CONFIG_DIRECTORY, files: [...configFiles(props), ...setupFiles()] },
    tmpfs: { ...wikiTmpfs(uid), [SCRATCH_DIRECTORY]: { sizeMiB: 16, owner: uid, mode: "0750" } },
    hosts: { [access.host]: access.address },
    mounts: [directory],
    after: [mysql.service],
  });
}
