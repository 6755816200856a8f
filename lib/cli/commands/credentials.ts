import { BACKUP_PASSPHRASE, RESTIC_PASSWORD } from "../../../constructs/backup/backup";
import { NOTIFICATION_FILE, USERS_FILE } from "../../../constructs/edge/authelia/authelia-config";
import { ADMINISTRATOR as GRAFANA_ADMINISTRATOR, PASSWORD_NAME as GRAFANA_PASSWORD } from "../../../constructs/monitoring/grafana-config";
import { loadEnvironment } from "../../environment/load";
import type { Environment } from "../../environment/schema";
import { operatorFiles, portalFiles } from "../../operations/secrets/operator-files";
import { type Arguments, type Command, JSON_OPTION } from "../command";
import { heading, table } from "../output/layout";

/** How people get in, as `npm run credentials -- <environment> --json` prints it. */
export interface Credentials {
  readonly users: readonly UserCredentials[];
  /** For the wiki's own form, which is open only while `signOn.breakGlass` is set. */
  readonly administrator: { readonly email: string; readonly password: string };
  /** For Grafana's own form, which is open as long; nothing where there is no Grafana. */
  readonly grafana?: { readonly name: string; readonly password: string };
  /** What sets are opened with; nothing before the first deploy with backups. */
  readonly backup: { readonly passphrase: string | undefined; readonly resticPassword: string | undefined };
  /** Last message to a person, where no mail is sent: it holds the code that is asked for before a device is enrolled. */
  readonly message: string | undefined;
}

export interface UserCredentials {
  readonly name: string;
  readonly email: string;
  /** First password; nothing when the person was not deployed yet. */
  readonly password: string | undefined;
  /** Whether the person has chosen another since. */
  readonly changed: boolean;
}

export const command: Command = {
  group: "run",
  summary: "show initial passwords and, without a mail server, the portal's last message",
  options: { json: JSON_OPTION },
  run,
};

function run({ environment: name, directory, flags }: Arguments): number {
  const environment = loadEnvironment(name, directory);
  const credentials = read(environment);
  process.stdout.write(`${flags.has("json") ? JSON.stringify(credentials, null, 2) : print(credentials)}\n`);
  return 0;
}

function read(environment: Environment): Credentials {
  const { users, wiki, mail, monitoring } = environment;
  const wanted = [
    "wiki_admin_password",
    BACKUP_PASSPHRASE.name,
    RESTIC_PASSWORD.name,
    ...(monitoring.enabled ? [GRAFANA_PASSWORD] : []),
    ...users.flatMap(({ name }) => [`user_${name}_password`, `user_${name}_hash`]),
  ];
  const files = operatorFiles(environment, wanted);
  const secrets = new Map(wanted.map((file, index) => [file, files[index] ?? ""]));
  const [database = "", message = ""] = portalFiles(environment, [USERS_FILE, NOTIFICATION_FILE]);
  return {
    users: users.map(({ name, email }) => {
      const [password, hash] = [secrets.get(`user_${name}_password`), secrets.get(`user_${name}_hash`) ?? ""];
      return { name, email, password: password || undefined, changed: hash !== "" && database !== "" && !database.includes(hash) };
    }),
    administrator: { email: wiki.admin.email, password: secrets.get("wiki_admin_password") ?? "" },
    ...(monitoring.enabled ? { grafana: { name: GRAFANA_ADMINISTRATOR, password: secrets.get(GRAFANA_PASSWORD) ?? "" } } : {}),
    backup: { passphrase: secrets.get(BACKUP_PASSPHRASE.name) || undefined, resticPassword: secrets.get(RESTIC_PASSWORD.name) || undefined },
    message: mail === undefined && message !== "" ? message : undefined,
  };
}

function print({ users, administrator, backup, grafana, message }: Credentials): string {
  const rows = users.map(({ name, email, password, changed }) => [name, email, changed ? "changed since" : (password ?? "not deployed yet")]);
  return [
    heading("At the portal"),
    table(["name", "e-mail", "first password"], rows),
    "  The portal asks for a second factor at the first sign-in; without mail, its code is in the message below.",
    heading("Break-glass mode only (signOn.breakGlass), at the wiki itself"),
    `  ${administrator.email}  ${administrator.password}`,
    ...(grafana === undefined ? [] : [heading("As long, at Grafana itself"), `  ${grafana.name}  ${grafana.password}`]),
    heading("Backups: keep these away from the Docker host; without them no set can be opened"),
    `  passphrase of the sets here    ${backup.passphrase ?? "not deployed yet"}`,
    ...(backup.resticPassword === undefined ? [] : [`  password of the sets at remotes  ${backup.resticPassword}`]),
    ...(message === undefined ? [] : [heading("Last message of the portal"), message.replace(/^/gm, "  ")]),
  ].join("\n");
}
