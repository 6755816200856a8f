/** A message that names these facts, in this order: the kind of a finding and what it is about, whatever its wording. */
export function naming(...facts: readonly (string | number)[]): unknown {
  return expect.stringMatching(new RegExp(facts.map((fact) => `${fact}`.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*"), "s"));
}
