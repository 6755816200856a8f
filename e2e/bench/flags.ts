/** Options of a run, which `npm run bench` passes on as variables. */
export function flag(name: string, otherwise: number): number {
  const text = process.env[`BENCH_${name.toUpperCase()}`];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} must be a number of 0 or more, got ${text}`);
  return value;
}
