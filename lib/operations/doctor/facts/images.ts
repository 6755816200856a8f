import { builtReference } from "../../../../constructs/docker/image-context";
import type { Docker } from "../../../clients/docker/docker";
import type { PullLimit } from "../../../clients/registry/refusals";
import { requireImage } from "../../../clients/registry/registry";
import type { Environment } from "../../../environment/schema";
import { imagesFor, pulledFor } from "../../../stack/images";

/** What the registry of an image says. */
export interface RegistryAnswer {
  /** Why it does not give the image; empty when it does. */
  readonly refusal: string;
  /** @default - it says no rate limit */
  readonly limit?: PullLimit;
}

/** Images that have to be pulled, those that others are built from included → what their registry says. */
export async function imageFacts(
  docker: Pick<Docker, "imageId">,
  { database, images }: Environment,
  planned: readonly string[],
): Promise<Record<string, RegistryAnswer>> {
  const isMissing = (reference: string) => docker.imageId(reference) === undefined;
  const wanted = Object.values(imagesFor(database.version, images)).filter(({ reference, build }) => {
    const name = builtReference(reference, build);
    return planned.includes(name) && isMissing(name);
  });
  const pulled = [...new Set(wanted.flatMap(pulledFor))].filter(isMissing);
  return Object.fromEntries(await Promise.all(pulled.map(async (reference) => [reference, await answerFor(reference)])));
}

async function answerFor(reference: string): Promise<RegistryAnswer> {
  const [tagged = reference] = reference.split("@");
  // without a tag only a pull can tell
  if (!/:[^/]+$/.test(tagged)) return { refusal: "" };
  try {
    return { refusal: "", limit: await requireImage(tagged) };
  } catch (error) {
    return { refusal: (error as Error).message.split("\n")[0] ?? "" };
  }
}
