/** Lets a relation between `keys` be checked as soon as these were read, whatever else is wrong in their block. */
export function wasRead(isRead: (value: unknown) => boolean, ...keys: readonly string[]) {
  return ({ value }: { value: unknown }): boolean => {
    if (typeof value !== "object" || value === null) return false;
    return keys.every((key) => isRead((value as Record<string, unknown>)[key]));
  };
}
