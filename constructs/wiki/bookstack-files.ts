import type { SignOnAccess } from "../contracts/identity-provider";
import { assetText } from "../core/asset";
import { ConfigFile } from "../core/config-file";
import type { DatabaseAccess } from "../database/database";
import type { Limits } from "../docker/hardening";
import { renderCliIni } from "./bookstack-cli";
import { type BookStackSettings, renderApacheVariables, renderPhpIni } from "./bookstack-config";
import { certificateFiles, type Outbound } from "./bookstack-outbound";

const SHARED_ASSETS = [
  "entrypoint.sh",
  "prepend.php",
  "requests/leftovers.php",
  "requests/expensive.php",
  "secrets.php",
  "error-log.sh",
  "httpd.conf",
] as const;

/** Files that every process of the application reads. */
export function configFiles(settings: BookStackSettings & { readonly limits: Limits }, signOn?: SignOnAccess, outbound: Outbound = {}): ConfigFile[] {
  return [
    ...SHARED_ASSETS.map((file) => ConfigFile.text(file, () => assetText(`wiki/assets/${file}`))),
    ConfigFile.text("variables.conf", () => renderApacheVariables(settings, signOn)),
    ConfigFile.ini("php/90-wiki.ini", () => renderPhpIni(settings, outbound)),
    ConfigFile.ini("php-cli/95-commands.ini", () => renderCliIni(settings.limits)),
    ...certificateFiles(outbound, signOn?.caText),
  ];
}

/** `files`, which find the CA of the database where `access` says. */
export function forDatabase(files: readonly ConfigFile[], { adapt }: DatabaseAccess): ConfigFile[] {
  return files.map((file) => ConfigFile.text(file.path, () => adapt(file.text())));
}

/** Files of the job that migrates the database. */
export function setupFiles(): ConfigFile[] {
  return ["setup.php", "database-update.php"].map((file) => ConfigFile.text(file, () => assetText(`wiki/assets/${file}`)));
}

const THEME_FILES = [
  "functions.php",
  "database-hangs.php",
  "metrics.php",
  "mail.php",
  "permissions.php",
  "after-response.php",
  "accounts.php",
  "sign-on.php",
  "session.php",
  "session-texts.php",
  "session.js",
  "layouts/parts/base-body-end.blade.php",
];

/** Files of the theme, in its folder. */
export function themeFiles(): ConfigFile[] {
  return THEME_FILES.map((file) => ConfigFile.text(file, () => assetText(`wiki/assets/theme/${file}`)));
}
