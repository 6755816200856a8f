import { z } from "zod";
import { quoted } from "../problems/finding";

/** How a text of the file is parsed, and its JSON schema for editors. */
interface TextProps<T> {
  readonly description: string;
  readonly example: string;
  /** Form that every good text has: editors know no more of the rules. */
  readonly pattern: RegExp;
  /**
   * Most characters.
   * @default 500
   */
  readonly longest?: number;
  /** The value of the text; what it throws becomes the problem. */
  readonly read: (written: string) => T;
}

/** A text that is parsed into a value class. */
export function text<T>({ description, example, pattern, longest = 500, read }: TextProps<T>) {
  const patternErrorMessage = `write it like ${example}`;
  return z
    .string()
    .meta({ description, examples: [example], pattern: pattern.source, patternErrorMessage, maxLength: longest })
    .transform((written, context) => {
      try {
        if (written.length > longest) throw new RangeError(`${quoted(written)} is longer than ${longest} characters; shorten it`);
        return read(written);
      } catch (error) {
        context.addIssue({ code: "custom", message: (error as Error).message, input: written });
        return z.NEVER;
      }
    });
}

/** A text that stays one, as long as `problem` has nothing to say about it. */
export function checked({ problem, ...props }: Omit<TextProps<string>, "read"> & { readonly problem: (written: string) => string | undefined }) {
  return text({
    ...props,
    read: (written) => {
      const found = problem(written);
      if (found !== undefined) throw new RangeError(found);
      return written;
    },
  });
}
