import type { Construct } from "constructs";
import type { SecretStore } from "../contracts/secret-store";
import type { ConfigFile } from "../core/config-file";
import type { IDatabase } from "../database/database";
import type { ContainerDescription } from "../docker/description";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import { Job, type JobProps } from "../docker/job";
import type { BridgeNetwork } from "../docker/networks";
import type { SecretText } from "../secrets/secret";
import { type BookStackSettings, CONFIG_DIRECTORY, renderEnvironment, renderSignOn, SCRATCH_DIRECTORY, wikiTmpfs } from "./bookstack-config";
import { forDatabase } from "./bookstack-files";

/** What every job of the wiki gets. */
export interface WikiJobProps extends BookStackSettings {
  readonly namespace: string;
  /** Image of the wiki. */
  readonly image: ContainerImage;
  /** Where the database is. */
  readonly database: BridgeNetwork;
  readonly mysql: IDatabase;
  readonly secrets: SecretStore;
  readonly limits: Limits;
  /** `uid:gid` of the wiki. */
  readonly user: string;
  /** Key with which the wiki encrypts. */
  readonly key: SecretText;
}

/** What one of them does. */
export interface WikiTask extends Pick<JobProps, "name" | "after"> {
  readonly purpose: ContainerDescription["purpose"];
  /** Words for the entrypoint of the wiki. */
  readonly command: readonly string[];
  /** Secrets beside the key and the access to the database. @default - none */
  readonly secrets?: readonly SecretText[];
  readonly files: readonly ConfigFile[];
  /** Variables beside those of the wiki, without sign-on. @default - none */
  readonly environment?: Readonly<Record<string, string | number>>;
}

/** A job with the code and the user of the wiki, on the network of the database alone. */
export function wikiJob(scope: Construct, id: string, props: WikiJobProps, { purpose, command, secrets = [], files, environment, ...task }: WikiTask): Job {
  const { namespace, image, database, mysql, limits, user, key } = props;
  const directory = props.secrets.directory(task.name, user);
  for (const secret of [key, ...secrets]) directory.add(secret);
  const access = mysql.grantAccess({ secrets: directory }, "application");
  const [uid = 0] = user.split(":").map(Number);
  return new Job(scope, id, {
    ...limits,
    ...task,
    namespace,
    description: { purpose, zones: ["database"], connects: [{ to: access.container, label: "once, 3306" }] },
    image,
    user,
    network: [{ network: database }],
    entrypoint: ["sh", `${CONFIG_DIRECTORY}/entrypoint.sh`, ...command],
    environment: { ...renderEnvironment(props, access), ...renderSignOn(undefined), ...environment },
    config: { directory: CONFIG_DIRECTORY, files: forDatabase(files, access) },
    tmpfs: { ...wikiTmpfs(uid), [SCRATCH_DIRECTORY]: { sizeMiB: 16, owner: uid, mode: "0750" } },
    hosts: { [access.host]: access.address },
    mounts: [directory, ...access.mounts],
  });
}
