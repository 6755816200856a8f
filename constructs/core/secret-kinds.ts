/** A form that only a secret has: the whole of it, and what it is. */
export interface SecretKind {
  /** Matches the whole secret, so that all of it can be hidden. */
  readonly form: RegExp;
  /** What it is, for messages: "a private key". */
  readonly what: string;
}

const BASE64 = "[A-Za-z0-9+/]";

/** Every form that is known. Forms are those that the providers document; none matches a public key, a checksum or an image digest. */
export const SECRET_KINDS: readonly SecretKind[] = [
  { form: /-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----(.*?-----END [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|[\s\S]*)/s, what: "a private key" },
  { form: new RegExp(`\\bb3BlbnNzaC1rZXktdjE${BASE64}*={0,2}`), what: "a private SSH key" },
  { form: /\bAGE-SECRET-KEY-1[A-Z0-9]{50,}/, what: "a private age key" },
  { form: new RegExp(`\\bbase64:${BASE64}{22,}={0,2}`), what: "a key in Laravel's form" },
  { form: /\$(argon2(id|i|d)|scrypt)\$([^$\s]+\$){1,3}[A-Za-z0-9+/=.]{16,}(\$[A-Za-z0-9+/=.]+)*/, what: "the hash of a password" },
  { form: /\$pbkdf2(-\w+)?\$\d+\$[A-Za-z0-9+/=.]+\$[A-Za-z0-9+/=.]{16,}/, what: "the hash of a password" },
  { form: /\$2[abxy]\$\d\d\$[A-Za-z0-9./]{53}/, what: "the hash of a password" },
  { form: /\$[156]\$(rounds=\d+\$)?[\w./]{1,16}\$([\w./]{86}|[\w./]{43}|[\w./]{22})(?![\w./])/, what: "the hash of a password" },
  { form: /\$(7|y|gy)\$[\w./]+\$[\w./]+\$[\w./]{43}(?![\w./])/, what: "the hash of a password" },
  { form: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/, what: "a signed token" },
  { form: /\bgh[oprsu]_[A-Za-z0-9]{36,}|\bgithub_pat_\w{60,}/, what: "a GitHub token" },
  { form: /\bgl(pat|dt|rt|ptt|oas)-[\w-]{20,}/, what: "a GitLab token" },
  { form: /\bxox[abeprs]-[\w-]{20,}|\bxapp-[\w-]{20,}/, what: "a Slack token" },
  { form: /\bhooks\.slack\.com\/(services|workflows)\/[\w/]{20,}/, what: "the address of a Slack webhook" },
  { form: /\bdiscord(app)?\.com\/api\/webhooks\/\d+\/[\w-]{20,}/, what: "the address of a Discord webhook" },
  { form: /\bhc-ping\.com\/[0-9a-f-]{36}/, what: "the address of a health check" },
  { form: /\b(AKIA|ASIA)[A-Z0-9]{16}\b/, what: "an AWS access key" },
  { form: /\bK00\d[A-Za-z0-9+/]{27}(?![A-Za-z0-9+/])/, what: "a Backblaze B2 application key" },
  { form: /\bAIza[\w-]{35}|\bya29\.[\w-]{20,}/, what: "a Google key" },
  { form: /\b[sr]k_(live|test)_[A-Za-z0-9]{16,}/, what: "a Stripe key" },
  { form: /\bSG\.[\w-]{16,}\.[\w-]{16,}/, what: "a SendGrid key" },
  { form: /\bkey-[0-9a-f]{32}\b/, what: "a Mailgun key" },
  { form: /\bnpm_[A-Za-z0-9]{36}|\bpypi-[\w-]{50,}|\bdckr_(pat|oat)_[\w-]{20,}/, what: "a token of a package registry" },
  { form: /\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,}/, what: "a Terraform Cloud token" },
  { form: /\bhv[bsr]\.[\w-]{20,}/, what: "a Vault token" },
  { form: /\b\d{8,10}:AA[\w-]{32,}/, what: "a Telegram bot token" },
  { form: /\b(Bearer|Basic) (?=\S*\d)[\w+/.~-]{16,}=*/, what: "the credentials of an HTTP request" },
  { form: /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@'"]*:(?![$%<{*])[^\s/@'"]+@/i, what: "a URL with a password" },
];

/** The kind of secret that `text` holds, by its form; nothing when none is known. */
export function secretKindIn(text: string): SecretKind | undefined {
  return SECRET_KINDS.find(({ form }) => form.test(text));
}

/** `text` with the kind of each secret in place of the secret itself. */
export function redact(text: string): string {
  return SECRET_KINDS.reduce((rest, { form, what }) => rest.replace(new RegExp(form.source, `${form.flags}g`), `[${what}, not shown]`), text);
}

/** At most `length` characters of `text` without the secrets in it: half a secret is not known as one any more, so they are replaced first. */
export function excerpt(text: string, length: number): string {
  const shown = redact(text);
  return shown.length <= length ? shown : `${shown.slice(0, length)}…`;
}
