import { z } from "zod";
import { environmentSchema } from "./schema";

/** The schema of environment files as editors read it: forms and ranges, but no relation between two values. */
export function environmentJsonSchema(): object {
  return z.toJSONSchema(environmentSchema, { io: "input", target: "draft-07" });
}

/** Text of `environments/schema.json`. */
export function schemaText(): string {
  return `${JSON.stringify(environmentJsonSchema(), null, 2)}\n`;
}
