import { secretKindIn } from "../core/secret-kinds";

/** Forms of secrets in a plan, besides those that are known everywhere. */
const SHAPES: readonly (readonly [form: RegExp, what: string])[] = [
  [/\bIDENTIFIED\b.{0,40}\bBY '(?![%$ ])[^'\n]+'/i, "the password of a database account"],
  // what is known only after apply; the ids and names of Docker's own objects are no secret
  [/(?<!\$)\$\{(?!docker_)[^}]*(random_|password|secret|token|private_key|sensitive)[^}]*\}/i, "a secret of Terraform's"],
];

/** What of one line is a secret by its looks; nothing when nothing is. */
export function secretShape(line: string): string | undefined {
  const [, known] = SHAPES.find(([form]) => form.test(line)) ?? [];
  return secretKindIn(line)?.what ?? known ?? (looksRandom(line) ? "a text that looks generated" : undefined);
}

/** Public values that look random: certificates, public keys, checksums, references to Docker objects. */
const OPEN = [
  /-----BEGIN (CERTIFICATE|([A-Z0-9]+ )*PUBLIC KEY)-----[^-]*-----END/g,
  /\b(ssh-(ed25519|rsa)|ecdsa-sha2-\w+) [A-Za-z0-9+/=]+/g,
  /\b(sha(1|224|256|384|512)|md5)[-:=][ \t]*["']?[A-Za-z0-9+/=]{16,}/gi,
  /\b(commit|revision|checksum|digest|fingerprint)["']?[ \t]*[:=]?[ \t]*["']?[0-9a-f]{32,128}\b/gi,
  /\bdata:[\w/+.-]+;base64,[A-Za-z0-9+/=]+/g,
  // a line of sha256sum and the like
  /^[0-9a-f]{32,128}(?= [ *]\S)/gm,
  /\$\{docker_\w+\.[\w.-]+\}/g,
] as const;

/** `text` with blanks in place of what only looks like a secret; lines stay where they are. */
export function withoutOpenParts(text: string): string {
  return OPEN.reduce((rest, part) => rest.replace(part, (found) => found.replace(/[^\n]/g, " ")), text);
}

/** Whether some word of `text` looks as if it came from a random source and not from a person. */
function looksRandom(text: string): boolean {
  const words = text.match(/[A-Za-z0-9+/_-]{20,}={0,2}/g) ?? [];
  return words.some((word) => isRandomHex(word) || isRandomBase64(word));
}

/** 16 bytes or more; a repeated pattern has fewer different digits. */
function isRandomHex(word: string): boolean {
  return /^([0-9a-f]{32,}|[0-9A-F]{32,})$/.test(word) && new Set(word).size >= 9;
}

/** Share of places where the kind of character changes: about 0.6 in chance, 0.3 and less in names. */
const CHANGES = 0.38;
/** Share of punctuation above which a word is a path, a date or a list. */
const PUNCTUATION = 0.12;

function isRandomBase64(word: string): boolean {
  const body = word.replace(/=+$/, "");
  const kinds = [...body.replace(/[^A-Za-z0-9]/g, "")].map(kindOf);
  const changes = kinds.filter((kind, index) => index > 0 && kind !== kinds[index - 1]).length;
  return new Set(kinds).size === 3 && changes >= CHANGES * (kinds.length - 1) && body.length - kinds.length <= PUNCTUATION * body.length;
}

function kindOf(character: string): "digit" | "upper" | "lower" {
  if (/\d/.test(character)) return "digit";
  return /[A-Z]/.test(character) ? "upper" : "lower";
}
