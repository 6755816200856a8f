/** Words that say what the value is for. */
const SECRET_WORD = /(password|passwd|passphrase|secret|token|credential|apikey|pwd)s?\d*$|^(pass|key)s?\d*$/;
/** Words with which a name is about a secret and not that of one: `…_FILE`, `…_URL`, `keyUsage`. */
const ABOUT = new Set(
  [
    "file files path dir directory url uri endpoint host name names id ids type kind store driver provider version label",
    "size length bits rounds count min max limit ttl lifetime lifespan expiry expiration duration interval timeout seconds minutes hours days",
    "algorithm alg method policy format header prefix suffix usage identifier command cmd hint enabled disabled required",
  ].flatMap((line) => line.split(" ")),
);
/** Words before `key` that mark a public key. */
const OPEN_KEY = new Set("public primary foreign sort group cache label field map partition routing row index unique translation host".split(" "));

/** Variables and arguments are few and chosen; texts are full of words, so that only the last one of a name counts. */
export type Strictness = "variable" | "text";

/** Whether `name` is that of a secret: `DB_PASSWORD`, `apiKey`, `client-secret`. */
export function namesSecret(name: string, strictness: Strictness): boolean {
  const words = wordsOf(name);
  const [before = "", last = ""] = ["", ...words].slice(-2);
  if (ABOUT.has(last)) return false;
  if (/^keys?$/.test(last)) return before !== "" && !OPEN_KEY.has(before);
  return (strictness === "text" ? [last] : words).some((word) => SECRET_WORD.test(word));
}

function wordsOf(name: string): string[] {
  const separated = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
  return separated.split(/[^a-z0-9]+/).filter((word) => word !== "");
}

/** Values that are no secret whatever the name. */
const HARMLESS: readonly RegExp[] = [
  // nothing, a placeholder, a switch, a length of time
  /^(\*+|<[^>]*>)?$/,
  /^(true|false|yes|no|on|off|none|null|nil|default|required|optional|enabled|disabled|auto)$/i,
  /^\d+(ms|[smhdwMy])$/,
  // where the secret is
  /^(\.{0,2}|~|file:(\/\/)?)\/\S*$/,
  /^(\$__(file|env)\{|\{\{)/,
];
/** What a program replaces in a text, and Docker does not in a variable. */
const REPLACED = /^[$%`]/;

/** Whether `value` is a secret itself, and not a switch or the place where one lies. */
export function isSecretValue(value: string, strictness: Strictness): boolean {
  return !HARMLESS.some((form) => form.test(value)) && !(strictness === "text" && REPLACED.test(value));
}

/** `name = value`, `name: value`, `"name": "value"`, `'name' => 'value'`; but neither `"$name" = value` nor `${name:-value}`. */
const ASSIGNMENT =
  /(?<!\w|["'{]\$|\$\{)(?<name>[A-Za-z_][\w.-]*)["']?(?<sign>[ \t]*(?:=>|:=|[:=])[ \t]*)(?![:=>~])(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>[\w!@#%^&+=./:~?$-]+)(?=(?<after>.*)))/g;
const COMMENT = /^\s*(#|\/\/|;|\*|--|<!--)/;

/** Names in one line of a text that get a secret value there. */
export function assignedSecrets(line: string): string[] {
  if (COMMENT.test(line)) return [];
  return [...line.matchAll(ASSIGNMENT)].flatMap(({ groups = {} }) => {
    const { name = "", double, single, bare = "", sign = "", after = "" } = groups;
    const value = single ?? literal(double ?? (isWhole(sign, after) ? bare : ""));
    return namesSecret(name, "text") && isSecretValue(value, "text") ? [name] : [];
  });
}

/** Nothing for a value that a shell or a program puts together from others. */
function literal(value: string): string {
  return /\$[\w({]/.test(value) ? "" : value;
}

/** Whether a value without quotes ends where it seems to; otherwise it is a sentence, or code. */
function isWhole(sign: string, after: string): boolean {
  return /^\s*([,;}#]|\/\/|$)/.test(after) || (sign === "=" && /^\s/.test(after));
}
