import { tmpdir } from "node:os";

const values = globalThis as { sharedByTests?: Map<string, unknown> };

/**
 * A value that the test files of a worker share. `name` holds everything that it depends on besides the sources, and it is never changed. The
 * directory of the run belongs to the name: where a worker outlives a run, the sources may have changed.
 */
export function shared<T>(name: string, make: () => T): T {
  values.sharedByTests ??= new Map();
  const key = `${tmpdir()} ${name}`;
  if (!values.sharedByTests.has(key)) values.sharedByTests.set(key, make());
  return values.sharedByTests.get(key) as T;
}
