import { z } from "zod";
import type { Path } from "./finding";
import { schemaAt, unwrap } from "./schema-walk";

/** Why a block refuses a key that is commonly expected there; nothing for other keys. */
type Refusal = (key: string) => string | undefined;

const refusals = z.registry<{ refusal: Refusal }>();

/** Lets `block` say why it does not take some keys, and what to do instead. */
export function refuses<T extends z.ZodObject>(block: T, refusal: Refusal): T {
  refusals.add(block, { refusal });
  return block;
}

/** Why the key at `path` is refused; nothing when it is only unknown. */
export function refusalAt(path: Path, schema: z.ZodType): string | undefined {
  const block = unwrap(schemaAt(path.slice(0, -1), schema));
  return refusals.get(block)?.refusal(String(path.at(-1)));
}
