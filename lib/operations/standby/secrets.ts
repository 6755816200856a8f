import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SOURCE_CA, SOURCE_PASSWORD } from "../../../constructs/database/replication";
import { SOURCE_FILES_PASSWORD } from "../../../constructs/database/standby-files";
import { LINK_KEY } from "../../../constructs/database/standby-link";
import { EDGE_AUTHORITY } from "../../stack/issuer";
import { StandbyPlace } from "../../stack/standby";
import type { WikiStack } from "../../stack/wiki-stack";
import { OperatorError } from "../../system/operator-error";
import { temporaryDirectory } from "../../system/temporary";
import { SecretStoreVolume, storedSecrets } from "../secrets/secret-store";
import type { Pair } from "./pair";

/** Secret of the active host → its name in the store of the other one. */
const RENAMED: Readonly<Record<string, string>> = {
  mysql_replica_password: SOURCE_PASSWORD.name,
  "database_ca.crt": SOURCE_CA.name,
  standby_files_password: SOURCE_FILES_PASSWORD.name,
};
/** What the data are encrypted with, accounts that are in the data, and what backups are encrypted with. */
const SAME = /^(app_key|authelia_storage_key|wiki_admin_password|user_.+_password|backup_passphrase)$/;
const OF_THE_LINK = [SOURCE_CA, SOURCE_PASSWORD, SOURCE_FILES_PASSWORD, LINK_KEY].map(({ name }) => name);

/** Files of the store of the active host that the following one has to have, too, by the name that they get there. */
export function sharedSecrets(stack: WikiStack): Readonly<Record<string, string>> {
  const shared = stack.secrets.describe().filter(({ name, kind }) => SAME.test(name) || (kind.startsWith("provided") && !OF_THE_LINK.includes(name)));
  // browsers and devices that trust the wiki trust this authority
  const authority = stack.secrets.describe().some(({ name }) => name === EDGE_AUTHORITY)
    ? ["key", "crt", "names"].map((ending) => `${EDGE_AUTHORITY}.${ending}`)
    : [];
  return { ...RENAMED, ...Object.fromEntries([...shared.map(({ name }) => name), ...authority].map((name) => [name, name])) };
}

/**
 * Copies what the following host has to share with the active one, from store to store: the values pass this process, and are in no
 * argument, no file and no output.
 */
function copySecrets({ active, following }: Pair, stack: WikiStack): void {
  const names = sharedSecrets(stack);
  const values = new SecretStoreVolume(active).read(Object.keys(names));
  new SecretStoreVolume(following).putFiles(Object.fromEntries(Object.entries(values).map(([name, value]) => [names[name] ?? name, value])));
}

/** Gives the following host what it needs to follow; the line that permits its key on the active host, where the key was made now. */
export function prepareFollowing(pair: Pair, stack: WikiStack): string | undefined {
  copySecrets(pair, stack);
  const key = makeLinkKey(pair);
  return key === undefined ? undefined : StandbyPlace.authorizedKey(pair.active, key);
}

/** Makes the key of the link, unless the following host has one; its public part, where it was made now. */
function makeLinkKey({ following, name }: Pair): string | undefined {
  const store = storedSecrets(following);
  if (store.names().includes(LINK_KEY.name)) return undefined;
  const file = join(temporaryDirectory(), "link");
  const { status, error } = spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", `secure-bookstack ${name}`, "-f", file]);
  if (status !== 0 || error) throw new OperatorError("ssh-keygen made no key", "install OpenSSH's client");
  store.put(LINK_KEY.name, readFileSync(file, "utf8"));
  return readFileSync(`${file}.pub`, "utf8").trim();
}
