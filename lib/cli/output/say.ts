/** Prints a line for a person. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
