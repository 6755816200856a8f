/** A value with its sizes, subnets and lengths of time as texts, to be compared at a glance. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (typeof value !== "object" || value === null) return value;
  const isRecord = Object.getPrototypeOf(value) === Object.prototype;
  return isRecord ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)])) : String(value);
}
