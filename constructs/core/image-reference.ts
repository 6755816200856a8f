/** Repository, tag and digest as Docker writes them, with at least one of the latter two. */
const REFERENCE = /^[a-z0-9]+([._-]+[a-z0-9]+)*(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:(?<tag>[\w][\w.-]{0,127}))?(@sha256:(?<digest>[0-9a-f]{64}))?$/;
/** Tags that somebody moves, also of one flavour: `lts`, `lts-alpine`. */
const MOVING = /^(latest|stable|edge|nightly|main|master|lts)(-[a-z]+)*$/i;

/** Why `reference` does not say exactly which image is meant; nothing when it does. */
export function imageProblem(reference: string): string | undefined {
  const groups = REFERENCE.exec(reference)?.groups;
  if (!groups) return `"${reference}" is no image; write it like registry.example.com/traefik:v3.7.11`;
  if (groups.digest) return undefined;
  if (!groups.tag) return `"${reference}" names no version; add the exact tag, such as :v3.7.11`;
  return MOVING.test(groups.tag) ? `"${reference}" moves; name the exact tag, such as :v3.7.11` : undefined;
}
