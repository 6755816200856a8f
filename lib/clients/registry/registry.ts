import { createHash } from "node:crypto";
import { fullRepository, parseImageReference, registryOf } from "../../../constructs/core/image-reference";
import { OperatorError } from "../../system/operator-error";
import { authorizationFor, RefusedByRegistry } from "./authorization";
import { loginCommand, type PullLimit, pullLimitIn, rateLimitRemedy } from "./refusals";

const INDEX_TYPES = ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];
const IMAGE_TYPES = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];
const MANIFEST_TYPES = [...INDEX_TYPES, ...IMAGE_TYPES];
/** Milliseconds for one answer. */
const PATIENCE = 30_000;
/** Where images without a registry in their name come from. */
const DOCKER_HUB = "registry-1.docker.io";

interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** A list of images, or one image, as a registry describes it. */
interface Manifest {
  readonly manifests?: readonly { readonly digest: string; readonly platform?: Platform }[];
  readonly config?: { readonly digest: string };
}

/** Where an image is asked for. */
interface Place {
  readonly origin: string;
  readonly repository: string;
}

/** What to do when a registry does not answer. */
export const CONNECTION_REMEDY = "this command needs the internet: check the connection, the name server and the firewall, then run it again";
/** Codes of errors that say nothing about an image, only about the way to its registry. */
const NO_CONNECTION = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "UND_ERR_CONNECT_TIMEOUT"];

/** The digest of a tag at its registry. */
export interface ResolvedImage {
  /** Digest of what the tag names: an index of platforms, or a single image. */
  readonly digest: string;
  /** `linux/amd64` → digest of the image for it. */
  readonly platforms: Readonly<Record<string, string>>;
}

/** A registry that does not answer. */
export class UnreachableRegistry extends OperatorError {
  constructor(
    public readonly origin: string,
    reference: string,
    reason: string,
  ) {
    super(`${reference} was not found at ${origin}: ${reason}`, CONNECTION_REMEDY);
  }
}

/**
 * The digest of the tag of `reference` at its registry, by the OCI distribution API.
 *
 * @throws OperatorError that says what the registry answered.
 */
export async function resolveImage(reference: string): Promise<ResolvedImage> {
  return atRegistry(reference, async (place, tag) => {
    const { text, digest } = await get(place, `manifests/${tag}`, MANIFEST_TYPES);
    const manifest: Manifest = JSON.parse(text);
    const platforms = manifest.manifests === undefined ? { [await platformOf(place, manifest)]: digest } : listed(manifest);
    return { digest, platforms };
  });
}

/**
 * Checks that the registry of `reference` has it, without a pull that it would count.
 *
 * @returns its rate limit, if it says one.
 * @throws OperatorError that says what the registry answered.
 */
export async function requireImage(reference: string): Promise<PullLimit | undefined> {
  return atRegistry(reference, async (place, tag) => pullLimitIn((await ask(place, `manifests/${tag}`, MANIFEST_TYPES, "HEAD")).headers));
}

async function atRegistry<T>(reference: string, look: (place: Place, tag: string) => Promise<T>): Promise<T> {
  const parts = parseImageReference(reference);
  if (parts?.tag === undefined) throw new OperatorError(`${reference} has no tag to look up`, "name the exact tag");
  const place = placeOf(parts.repository);
  try {
    return await look(place, parts.tag);
  } catch (error) {
    if (isUnreachable(error)) throw new UnreachableRegistry(place.origin, reference, reason(error));
    throw new OperatorError(`${reference} was not found at ${place.origin}: ${reason(error)}`, remedyFor(error, registryOf(parts.repository)));
  }
}

function placeOf(repository: string): Place {
  const registry = registryOf(repository);
  const host = registry === "docker.io" ? DOCKER_HUB : registry;
  // as Docker does: no TLS on the machine itself
  const scheme = /^(localhost|127\.\d+\.\d+\.\d+)(:|$)/.test(host) ? "http" : "https";
  return { origin: `${scheme}://${host}`, repository: fullRepository(repository).slice(registry.length + 1) };
}

/** Attestations count as images of the platform `unknown/unknown`; only what runs on Linux is of use. */
function listed({ manifests = [] }: Manifest): Record<string, string> {
  return Object.fromEntries(manifests.flatMap(({ digest, platform }) => (platform?.os === "linux" ? [[platformName(platform), digest]] : [])));
}

async function platformOf(place: Place, { config }: Manifest): Promise<string> {
  if (config === undefined) throw new Error("its manifest is neither a list of images nor an image");
  return platformName(JSON.parse((await get(place, `blobs/${config.digest}`, ["*/*"])).text));
}

function platformName({ os, architecture, variant }: Platform): string {
  // arm64 is v8 unless it says otherwise, and most do not say it
  return [os, architecture, ...(variant === undefined || variant === "" || (architecture === "arm64" && variant === "v8") ? [] : [variant])].join("/");
}

/** The answer of a registry, with a token or a login if it asks for one. @throws RefusedByRegistry */
async function ask({ origin, repository }: Place, path: string, accept: readonly string[], method: "GET" | "HEAD" = "GET"): Promise<Response> {
  const url = `${origin}/v2/${repository}/${path}`;
  const send = (headers: Record<string, string>) =>
    fetch(url, { method, headers: { accept: accept.join(", "), ...headers }, signal: AbortSignal.timeout(PATIENCE) });
  const first = await send({});
  const response = first.status === 401 ? await send(await authorizationFor(new URL(origin).host, first.headers.get("www-authenticate") ?? "")) : first;
  if (!response.ok) throw new RefusedByRegistry("it answers", response);
  return response;
}

async function get(place: Place, path: string, accept: readonly string[]): Promise<{ text: string; digest: string }> {
  const response = await ask(place, path, accept);
  const body = Buffer.from(await response.arrayBuffer());
  const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
  const promised = path.startsWith("blobs/") ? path.slice("blobs/".length) : (response.headers.get("docker-content-digest") ?? digest);
  if (promised !== digest) throw new Error(`it sent ${digest} in place of ${promised}`);
  return { text: body.toString("utf8"), digest };
}

function remedyFor(error: unknown, registry: string): string {
  const status = error instanceof RefusedByRegistry ? error.status : undefined;
  if (status === 429) return rateLimitRemedy(registry);
  if (status === 401 || status === 403) return `check its name, then run ${loginCommand(registry)} with an account that may pull it`;
  return "check its name, the connection, and docker login";
}

function isUnreachable(error: unknown): boolean {
  const { name, cause } = error as Error;
  const { code, errors = [] } = (cause ?? {}) as { code?: string; errors?: readonly { code?: string }[] };
  return name === "TimeoutError" || [code, ...errors.map((cause) => cause.code)].some((reason) => reason !== undefined && NO_CONNECTION.includes(reason));
}

function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== "" ? cause.message : message;
}
