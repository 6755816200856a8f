/** Repository, tag and digest as Docker writes them, with at least one of the latter two. */
const REFERENCE =
  /^(?<repository>[a-z0-9]+([._-]+[a-z0-9]+)*(:\d+(?=\/))?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*)(:(?<tag>[\w][\w.-]{0,127}))?(@(?<digest>sha256:[0-9a-f]{64}))?$/;
/** Words and incomplete versions that are moving tags: `lts`, `v3`, `8.4`, `2026`. */
const MOVING_WORD = "latest|stable|edge|nightly|main|master|lts|innovation|dev|devel|rc|beta|alpha|snapshot|v?\\d+(\\.\\d+)?";
/** Names of a flavour, which say nothing of the version. */
const FLAVOUR = "alpine|slim|debian|bullseye|bookworm|trixie|ubuntu|oracle|oraclelinux\\d*|distroless|scratch|ls";
const MOVING = new RegExp(`^((${MOVING_WORD})(-(${FLAVOUR}))*|(${FLAVOUR})(-(${FLAVOUR}))*)$`, "i");

/** Registry of images whose names have none. */
const DOCKER_HUB = "docker.io";

/** The parts of an image's name, as they are written. */
export interface ImageReference {
  /** With its registry, if it names one: `mysql`, `registry.example.com/mysql`. */
  readonly repository: string;
  readonly tag: string | undefined;
  /** `sha256:…` */
  readonly digest: string | undefined;
}

/** The parts of `reference`; nothing when it is no image's name. */
export function parseImageReference(reference: string): ImageReference | undefined {
  const { repository, tag, digest } = REFERENCE.exec(reference)?.groups ?? {};
  return repository === undefined ? undefined : { repository, tag, digest };
}

/** Registry of an image, by host and port: `docker.io` unless its name begins with another. */
export function registryOf(repository: string): string {
  const [first = "", ...rest] = repository.split("/");
  const named = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return named && first !== "index.docker.io" ? first : DOCKER_HUB;
}

/** Registry of an image by its whole name, tag and digest included. */
export function registryOfImage(reference: string): string {
  return registryOf(parseImageReference(reference)?.repository ?? reference);
}

/** The name with everything that Docker adds to it: `docker.io/library/mysql` of `mysql`. */
export function fullRepository(repository: string): string {
  const registry = registryOf(repository);
  const path = repository.replace(/^(index\.)?docker\.io\//, "");
  if (registry !== DOCKER_HUB) return repository;
  return `${DOCKER_HUB}/${path.includes("/") ? path : `library/${path}`}`;
}

/** Why `reference` does not say exactly which image is meant; nothing when it does. */
export function imageProblem(reference: string): string | undefined {
  const parts = parseImageReference(reference);
  if (!parts) return `"${reference}" is no image; write it like registry.example.com/traefik:v3.7.11`;
  if (parts.digest) return undefined;
  if (!parts.tag) return `"${reference}" names no version; add the exact tag, such as :v3.7.11`;
  return MOVING.test(parts.tag) ? `"${reference}" moves; name the exact tag, such as :v3.7.11` : undefined;
}
