/** Something that was looked at: what was seen, or why nothing could be seen. Unknown is never taken for good. */
export type Fact<T> = { readonly value: T } | { readonly unknown: string };

/** What `look` gives; an error means that nothing could be seen. */
export async function fact<T>(look: () => Promise<T> | T): Promise<Fact<T>> {
  try {
    return { value: await look() };
  } catch (error) {
    const [message = ""] = (error as Error).message.split("\n");
    return { unknown: message };
  }
}
