import { closest, distance } from "fastest-levenshtein";

/** The one of `known` that was most likely meant by `given`; none when all are far from it. */
export function similar(given: string, known: readonly string[]): string | undefined {
  const same = known.find((one) => isSame(one, given));
  if (same !== undefined || known.length === 0) return same;
  const bare = letters(given);
  const nearest = closest(
    bare,
    known.map((one) => letters(one)),
  );
  const isNear = distance(bare, nearest) <= Math.max(1, Math.floor(bare.length / 3));
  return known.find((one) => (isNear && letters(one) === nearest) || isShuffled(one, given));
}

/** Whether two words differ in case, dots, hyphens and underscores only. */
export function isSame(one: string, other: string): boolean {
  return letters(one) === letters(other);
}

/** Whether two words have the same letters, as those have that were typed in haste. */
function isShuffled(one: string, other: string): boolean {
  const [sorted, otherSorted] = [one, other].map((word) => [...letters(word)].sort().join(""));
  return sorted === otherSorted;
}

function letters(word: string): string {
  return word.toLowerCase().replace(/[._\s-]/g, "");
}
