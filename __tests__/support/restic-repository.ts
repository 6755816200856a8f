import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Sandbox } from "./sandbox";
import { shared } from "./shared";

/** A key file of a restic repository: the master key, encrypted with the password. */
interface KeyFile {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
  readonly data: string;
}

const PRIME = (1n << 130n) - 5n;
const CLAMP = 0x0ffffffc0ffffffc0ffffffc0fffffffn;
/** Bytes of a nonce, of a MAC and of a block of Poly1305. */
const BLOCK = 16;

/**
 * Puts an empty restic repository into a sandbox. Its key stretches the password as little as restic accepts: restic chooses half a second of
 * processor time, needs that whenever it opens a repository, and a test opens one twenty times. restic made all the rest.
 */
export function emptyRepository(sandbox: Sandbox, path: string, password: string): void {
  const made = shared(`restic repository, ${password}`, () => initialized(password));
  const { status, stderr } = sandbox.sh(["-c", 'cp -R "$0" "$1"', made, sandbox.path(path)]);
  if (status !== 0) throw new Error(`the repository was not copied: ${stderr}`);
}

/** The directory of a new repository; it is removed with the directory of the run. */
function initialized(password: string): string {
  const sandbox = new Sandbox();
  sandbox.file("password", password, 0o600);
  const { status, stderr } = sandbox.sh(["-c", "restic --repo repository --password-file password --no-cache init"]);
  if (status !== 0) throw new Error(`restic made no repository: ${stderr}`);
  weakenKey(sandbox.path("repository", "keys"), password);
  return sandbox.path("repository");
}

function weakenKey(keys: string, password: string): void {
  const [name = ""] = readdirSync(keys);
  const key: KeyFile = JSON.parse(readFileSync(join(keys, name), "utf8"));
  const master = opened(Buffer.from(key.data, "base64"), derived(password, key));
  const weak = { ...key, N: 2, r: 1, p: 1 };
  const text = JSON.stringify({ ...weak, data: sealed(master, derived(password, weak)).toString("base64") });
  rmSync(join(keys, name));
  // restic names a key file by the checksum of its content
  writeFileSync(join(keys, createHash("sha256").update(text).digest("hex")), text, { mode: 0o444 });
}

interface Derived {
  readonly encryption: Buffer;
  readonly k: Buffer;
  readonly r: Buffer;
}

function derived(password: string, { N, r, p, salt }: KeyFile): Derived {
  const bytes = scryptSync(password, Buffer.from(salt, "base64"), 64, { N, r, p, maxmem: 2 ** 28 });
  return { encryption: bytes.subarray(0, 32), k: bytes.subarray(32, 48), r: bytes.subarray(48, 64) };
}

/** restic's format: nonce, AES-256-CTR, Poly1305-AES. */
function sealed(text: Buffer, key: Derived): Buffer {
  const nonce = randomBytes(BLOCK);
  const cipher = createCipheriv("aes-256-ctr", key.encryption, nonce);
  const encrypted = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([nonce, encrypted, authenticator(encrypted, nonce, key)]);
}

function opened(data: Buffer, key: Derived): Buffer {
  const nonce = data.subarray(0, BLOCK);
  const encrypted = data.subarray(BLOCK, -BLOCK);
  if (!authenticator(encrypted, nonce, key).equals(data.subarray(-BLOCK))) throw new Error("the key file does not have the format that the tests know");
  const decipher = createDecipheriv("aes-256-ctr", key.encryption, nonce);
  return Buffer.concat([decipher.update(encrypted), decipher.final()]);
}

function authenticator(message: Buffer, nonce: Buffer, key: Derived): Buffer {
  const r = littleEndian(key.r) & CLAMP;
  let sum = 0n;
  for (let at = 0; at < message.length; at += BLOCK) {
    const block = message.subarray(at, at + BLOCK);
    sum = ((sum + littleEndian(Buffer.concat([block, Buffer.of(1)]))) * r) % PRIME;
  }
  const cipher = createCipheriv("aes-128-ecb", key.k, null).setAutoPadding(false);
  const pad = littleEndian(cipher.update(nonce));
  const tag = ((sum + pad) & ((1n << 128n) - 1n)).toString(16).padStart(2 * BLOCK, "0");
  return Buffer.from(tag, "hex").reverse();
}

function littleEndian(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}
