import { statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { type FileProblem, readOrReason } from "../../system/file-problem";

/** Permission bits of group and other. */
const NOT_OWNER = 0o077;
const OPENSSH = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END OPENSSH PRIVATE KEY-----/;

/** `~/…` as a path, as Terraform and ssh read it. */
export function expandHome(path: string): string {
  return path.replace(/^~(?=\/)/, homedir());
}

/** Why `written` is no private key that Terraform and ssh can use without asking; nothing when it is one. */
export function keyFileProblem(written: string): FileProblem | undefined {
  const path = expandHome(written);
  const read = readOrReason(path);
  if (read.reason !== undefined) {
    return { problem: read.reason, remedy: "name the private key of the account, or remove keyFile to use the SSH agent" };
  }
  return formProblem(written, read.text) ?? permissionProblem(written, path);
}

function formProblem(written: string, text: string): FileProblem | undefined {
  if (/^(ssh|ecdsa|sk)-\S+ /.test(text)) return { problem: "is a public key", remedy: `name the private one, such as ${written.replace(/\.pub$/, "")}` };
  if (text.startsWith("PuTTY-User-Key-File")) {
    return {
      problem: "is a key of PuTTY, which Terraform cannot read",
      remedy: `puttygen ${written} -O private-openssh -o ${written}.openssh   # and name that file`,
    };
  }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return { problem: "is no private key of SSH", remedy: "name a file that ssh-keygen wrote" };
  if (!isEncrypted(text)) return undefined;
  return {
    problem: "has a passphrase, which Terraform cannot ask for",
    remedy: `ssh-add ${written}   # and remove keyFile from the environment file: the SSH agent is used`,
  };
}

/** Whether a key is of no use without a passphrase. */
function isEncrypted(text: string): boolean {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) return true;
  const [, body] = OPENSSH.exec(text) ?? [];
  if (body === undefined) return false;
  // "openssh-key-v1", a zero byte, the length of the cipher's name, that name
  const bytes = Buffer.from(body, "base64");
  return bytes.length > 23 && bytes.toString("latin1", 19, 23) !== "none";
}

/** ssh refuses a key of this user that others may read. */
function permissionProblem(written: string, path: string): FileProblem | undefined {
  const { mode, uid } = statSync(path);
  if (uid !== userInfo().uid || (mode & NOT_OWNER) === 0) return undefined;
  return { problem: `may be read by other users (mode ${(mode & 0o777).toString(8).padStart(4, "0")}), so ssh refuses it`, remedy: `chmod 600 ${written}` };
}
