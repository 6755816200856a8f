/** Kind of a problem → the words by which its message is known; the first that fits counts. */
const KINDS: readonly (readonly [kind: string, words: RegExp])[] = [
  ["unknown", / is not known\b/],
  ["missing", / is missing\b/],
  ["needed", / needed\b/],
  ["empty", /, got nothing\b/],
  ["block", / must be a block of keys\b/],
  ["number", / must be a (whole )?number\b/],
  ["boolean", / must be true or false\b/],
  ["list", / must be a list\b/],
  ["text", / must be a text\b/],
  ["choice", / must be "[^"]*" or "/],
  ["useless", / has no effect\b/],
  ["duplicate", / is already in line | is also the port of | is that of | previous name of | is the name of a user| is there twice| already;/],
  ["overlap", / overlaps? /],
  ["size", / is (too little|too short|too much|more than|longer than)\b/],
  ["unreachable", / is the container itself| does not answer| never sees| is used inside the container/],
  ["unsafe", / is every address| is the port without TLS| in clear\b| holds a private key| is a secret by its name| is the stock account/],
  ["inconsistent", / connects to | does not hold | must hold | needs | there are no proxies/],
  ["unpinned", / moves;| names no version/],
  ["unsupported", / means nothing for /],
  ["form", / is no(t an?)? | must (have|begin|be) | cannot be (one|read)| names | is not | is one address| is a URL| is an address,| has host bits/],
];
/** Words that a message without a path begins with. */
const NO_PATH = /^(line|a|the|no|something|indented|aliases|\d+)$/;

/** The line and the path of a problem, its kind, and what it suggests; the whole message where it is of no kind or has no path. */
export function placeAndKind(problem: string): string {
  const [, line = "", path, rest = ""] = /^(line \d+: )?([\w$][\w$.-]*|"(?:[^"\\]|\\.)*"):?( .*)$/s.exec(problem) ?? [];
  const message = rest.trimStart();
  const kind = KINDS.find(([, pattern]) => pattern.test(` ${message}`) || pattern.test(message))?.[0];
  if (path === undefined || NO_PATH.test(path) || kind === undefined) return problem;
  const [, meant] = /did you mean ([^?]+)\?/.exec(message) ?? [];
  return `${line}${path}: ${kind}${meant === undefined ? "" : `, meant ${meant}`}`;
}

export const ALL_KINDS = KINDS.map(([kind]) => kind);
