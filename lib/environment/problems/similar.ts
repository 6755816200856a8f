import { closest, distance } from "fastest-levenshtein";

/** The one of `known` that was most likely meant by `given`; none when all are far from it. */
export function similar(given: string, known: readonly string[]): string | undefined {
  const same = known.find((candidate) => isSame(candidate, given));
  if (same !== undefined || known.length === 0) return same;
  const bare = letters(given);
  const nearest = closest(
    bare,
    known.map((candidate) => letters(candidate)),
  );
  const isNear = distance(bare, nearest) <= Math.max(1, Math.floor(bare.length / 3));
  return known.find((candidate) => (isNear && letters(candidate) === nearest) || isShuffled(candidate, given));
}

/** Whether two words differ in case, dots, hyphens and underscores only. */
export function isSame(name: string, other: string): boolean {
  return letters(name) === letters(other);
}

/** Whether two words have the same letters, as those have that were typed in haste. */
function isShuffled(name: string, other: string): boolean {
  const [sorted, otherSorted] = [name, other].map((word) => [...letters(word)].sort().join(""));
  return sorted === otherSorted;
}

function letters(word: string): string {
  return word.toLowerCase().replace(/[._\s-]/g, "");
}
