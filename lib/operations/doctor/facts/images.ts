import type { Docker } from "../../../clients/docker/docker";
import { resolveImage } from "../../../clients/registry/registry";
import type { Environment } from "../../../environment/schema";
import { imagesFor } from "../../../stack/images";

/** Images that are pulled and that the engine does not have → why their registry does not give them; empty when it does. */
export async function imageFacts(docker: Docker, { database, images }: Environment, planned: readonly string[]): Promise<Record<string, string>> {
  const pulled = Object.values(imagesFor(database.version, images))
    .filter(({ build, reference }) => build === undefined && planned.includes(reference))
    .map(({ reference }) => reference)
    .filter((reference) => docker.imageId(reference) === undefined);
  return Object.fromEntries(await Promise.all(pulled.map(async (reference) => [reference, await refusal(reference)])));
}

async function refusal(reference: string): Promise<string> {
  const [tagged = reference] = reference.split("@");
  // without a tag only a pull can tell
  if (!/:[^/]+$/.test(tagged)) return "";
  try {
    await resolveImage(tagged);
    return "";
  } catch (error) {
    return (error as Error).message.split("\n")[0] ?? "";
  }
}
