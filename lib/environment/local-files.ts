import { z } from "zod";
import { keyPaths, schemaAt, unwrap } from "./problems/schema-walk";

/** What a key names on the machine that runs Terraform. */
export type LocalFileKind = "private key" | "certificates";

const kinds = z.registry<{ kind: LocalFileKind }>();

/** Marks `schema` as the path of something on the machine that runs Terraform: it is looked at before Terraform starts. */
export function onThisMachine<T extends z.ZodType>(kind: LocalFileKind, schema: T): T {
  kinds.add(unwrap(schema), { kind });
  return schema;
}

/** A key of `schema` that names something on this machine. */
export interface LocalFileKey {
  /** Such as `host.ssh.keyFile`. */
  readonly key: string;
  readonly kind: LocalFileKind;
}

/** Every key of `schema` that names something on this machine. */
export function localFileKeys(schema: z.ZodType): LocalFileKey[] {
  return keyPaths(schema).flatMap((path) => {
    const kind = kinds.get(unwrap(schemaAt(path, schema)))?.kind;
    return kind === undefined ? [] : [{ key: path.join("."), kind }];
  });
}
