import type { Construct } from "constructs";
import { SECRETS_DIRECTORY, type SecretDirectory, type SecretStore } from "../../contracts/secret-store";
import { ConfigFile } from "../../core/config-file";
import type { Rule } from "../../core/errors";
import { compareText } from "../../core/render";
import type { DataVolume } from "../../docker/data-volumes";
import type { ContainerImage } from "../../docker/image";
import { Job } from "../../docker/job";
import { SecretHash, SecretText } from "../../secrets/secret";
import { DATA_DIRECTORY, USERS_FILE } from "./authelia-config";

/** A user who may sign in. */
export interface Person {
  /** What is typed in: lower-case letters, digits and `_`, with `.` or `-` between them. */
  readonly name: string;
  /**
   * Names that this person had before: the password moves to the new name.
   * @default - none
   */
  readonly previousNames?: readonly string[];
  readonly displayName: string;
  readonly email: string;
  readonly groups: readonly string[];
}

const PERSON_NAME = /^[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$/;
const NAME = "authelia-users";

/** What has to hold of the users. */
export function peopleRules(people: readonly Person[]): Rule[] {
  return [
    [
      people.length > 0,
      "people must contain at least one user, or no user can sign in; in an environment file: users: [{ name, displayName, email, groups: [admin] }]",
    ],
    [new Set(people.map(({ name }) => name)).size === people.length, "people must have unique names"],
    [people.every(({ name }) => PERSON_NAME.test(name)), 'the name of a person has lower-case letters, digits, "_", and "." or "-" between them only'],
  ];
}

/** The list of users that the jobs of the portal and of the wiki read. */
export function usersFile(people: readonly Person[]): ConfigFile {
  return ConfigFile.text("users.json", () => renderPeople(people));
}

/** The initial password of `name`, and its hash. */
export function firstPassword(name: string): { password: SecretText; hash: SecretHash } {
  const password = SecretText.password(`user_${name}_password`, 24);
  return { password, hash: new SecretHash(`user_${name}_hash`, "argon2", password) };
}

export interface UsersJobProps {
  readonly namespace: string;
  /** Image with PHP. */
  readonly image: ContainerImage;
  /** `uid:gid` of the portal. */
  readonly user: string;
  readonly people: readonly Person[];
  /** The list of users, as JSON. */
  readonly users: ConfigFile;
  /** Data of the portal, with its file of users. */
  readonly data: DataVolume;
  readonly secrets: SecretStore;
  /** Secrets that the operator may read: initial passwords are added. */
  readonly operator: SecretDirectory;
}

/** The job that updates the portal's file of users from `people` before Authelia reads it. */
export function usersJob(scope: Construct, { namespace, image, user, people, users, data, secrets, operator }: UsersJobProps): Job {
  const directory = secrets.directory(NAME, user);
  for (const { name } of people) {
    const { password, hash } = firstPassword(name);
    directory.add(hash);
    // both, to recognize the initial password without testing it
    for (const stored of [password, hash]) operator.add(stored);
  }
  return new Job(scope, "Users", {
    namespace,
    name: NAME,
    description: { purpose: ["writes the list of users"], zones: [] },
    image,
    user,
    network: "none",
    memoryMiB: 64,
    entrypoint: ["php", "/etc/job/users.php", "/etc/job/users.json", `${DATA_DIRECTORY}/${USERS_FILE}`, SECRETS_DIRECTORY],
    config: { directory: "/etc/job", files: [...["edge/authelia/assets/users.php", "core/assets/first-error.php"].map(ConfigFile.asset), users] },
    mounts: [directory, data.mountAt(DATA_DIRECTORY)],
  });
}

/** The list that the jobs of the portal and the wiki read. */
function renderPeople(people: readonly Person[]): string {
  const sorted = [...people].sort((a, b) => compareText(a.name, b.name));
  const plain = sorted.map(({ name, previousNames = [], displayName, email, groups }) => ({
    name,
    previousNames,
    displayName,
    email,
    groups: [...groups].sort(compareText),
  }));
  return `${JSON.stringify(plain, null, 2)}\n`;
}
