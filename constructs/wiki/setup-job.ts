import type { Construct } from "constructs";
import type { SecretDirectory } from "../contracts/secret-store";
import type { Job } from "../docker/job";
import type { SecretText } from "../secrets/secret";
import type { FirstAdministrator } from "./bookstack";
import { configFiles, setupFiles } from "./bookstack-files";
import { renderOutbound } from "./bookstack-outbound";
import { type WikiJobProps, wikiJob } from "./wiki-job";

export interface SetupJobProps extends WikiJobProps {
  /** Secrets that the operator may read. */
  readonly operator: SecretDirectory;
  readonly administrator: FirstAdministrator;
  /** Password of the administrator. */
  readonly password: SecretText;
}

/** The job that migrates the database and replaces the stock account. */
export function setupJob(scope: Construct, props: SetupJobProps): Job {
  const { administrator, mysql, operator, password } = props;
  operator.add(password);
  return wikiJob(scope, "Setup", props, {
    name: "bookstack-setup",
    purpose: ["creates the tables,", "replaces the stock account"],
    command: ["setup"],
    secrets: [password],
    files: [...configFiles(props), ...setupFiles()],
    environment: { ...renderOutbound({}), WIKI_ADMIN_EMAIL: administrator.email, WIKI_ADMIN_NAME: administrator.name },
    after: [mysql.ready],
  });
}
