import { z } from "zod";
import type { Path } from "./finding";

/** Keys of the block at `path`, for people: without those that start with `$`; none when no block is there. */
export function keysAt(path: Path, schema: z.ZodType): string[] {
  const block = unwrap(schemaAt(path, schema));
  return block instanceof z.ZodObject ? Object.keys(block.shape).filter((key) => !key.startsWith("$")) : [];
}

const walked = new WeakMap<z.ZodType, readonly Path[]>();

/** Paths of all keys, blocks before what they hold. Each unknown key of a file asks for them, so a schema is walked once. */
export function keyPaths(schema: z.ZodType): readonly Path[] {
  const paths = walked.get(schema) ?? pathsBelow([], schema);
  walked.set(schema, paths);
  return paths;
}

function pathsBelow(from: Path, block: z.ZodType): Path[] {
  return keysAt([], block).flatMap((key) => [[...from, key], ...pathsBelow([...from, key], schemaAt([key], block))]);
}

/** The schema at `path`; `z.never()` if nothing is permitted there. */
export function schemaAt(path: Path, schema: z.ZodType): z.ZodType {
  return path.reduce<z.ZodType>((current, key) => {
    const block = unwrap(current);
    if (block instanceof z.ZodArray && typeof key === "number") return block.element as z.ZodType;
    if (block instanceof z.ZodRecord) return block.valueType as z.ZodType;
    const shape: Record<string, z.ZodType> = block instanceof z.ZodObject ? block.shape : {};
    return (Object.hasOwn(shape, String(key)) && shape[String(key)]) || z.never();
  }, schema);
}

/** The schema within defaults and options; of a text that is read, that of the text. */
export function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return unwrap(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodPipe ? unwrap(schema.in as z.ZodType) : schema;
}

export function isOptional(schema: z.ZodType): boolean {
  return schema.safeParse(undefined).success;
}

/** How a value may be written; none for what needs no example. */
export function exampleOf(schema: z.ZodType): string | undefined {
  const [example] = (unwrap(schema).meta()?.examples ?? []) as readonly string[];
  return example;
}
