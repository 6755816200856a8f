/** Whole seconds since `began`, in milliseconds as `Date.now` gives them. */
export function secondsSince(began: number): number {
  return Math.round((Date.now() - began) / 1000);
}
