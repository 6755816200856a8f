import { createHash } from "node:crypto";

/** Bytes that look random and are the same in every run, so that no test contains a secret. */
function bytes(length: number, seed: number): Buffer {
  const parts = Array.from({ length: Math.ceil(length / 32) }, (_, index) => createHash("sha256").update(`${seed}.${index}`).digest());
  return Buffer.concat(parts).subarray(0, length);
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** What `openssl rand -base64` prints. */
export const base64 = (length: number, seed = 0): string => bytes(length, seed).toString("base64");
/** What `openssl rand -hex` prints. */
export const hex = (length: number, seed = 0): string => bytes(length, seed).toString("hex");
/** A password of letters and digits, as the script that creates secrets makes it. */
export const password = (length: number, seed = 0): string => [...bytes(length, seed)].map((byte) => LETTERS[byte % LETTERS.length]).join("");
/** `base64` without `+` and `/`, as in hashes of passwords. */
export const plain64 = (length: number, seed = 0): string =>
  base64(length * 2, seed)
    .replace(/[+/=]/g, "")
    .slice(0, length);
