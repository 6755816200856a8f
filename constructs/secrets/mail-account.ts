import type { MailServer } from "../core/mail-server";
import type { StoredFile } from "./secret";

/** A mail server, and its password if it requires one. */
export interface MailAccount extends MailServer {
  readonly password?: StoredFile;
}
