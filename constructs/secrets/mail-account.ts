import type { MailServer } from "../core/mail-server";
import type { StoredFile } from "./secret";

/** A mail server, and the password for it where it wants one. */
export interface MailAccount extends MailServer {
  readonly password?: StoredFile;
}
